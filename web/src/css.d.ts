declare module "*.css";
declare module "worker:*" {
  const code: string;
  export default code;
}
