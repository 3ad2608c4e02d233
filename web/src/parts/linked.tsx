// Text in which web addresses can be followed. Nothing is fetched unless the reader follows one.
import { Fragment } from "preact";

const ADDRESS = /(https?:\/\/[^\s<>"]+[^\s<>".,;:)\]])/;

function shown(address: string): string {
  const bare = address.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "");
  return bare.length > 48 ? `${bare.slice(0, 47)}…` : bare;
}

export function Linked({ text }: { text: string }) {
  return (
    <>
      {text.split(ADDRESS).map((part, index) =>
        ADDRESS.test(part) ? (
          <a key={index} href={part} rel="noopener noreferrer" target="_blank">
            {shown(part)}
          </a>
        ) : (
          <Fragment key={index}>{part}</Fragment>
        ),
      )}
    </>
  );
}
