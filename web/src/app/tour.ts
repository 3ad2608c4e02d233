// Seven stops that tell the documents' story, with the levers moving.
import type { Scenario } from "../state/scenario";

export interface Stop {
  page: string;
  scenario: Scenario;
  title: string;
  text: string;
}

const at = (preset: string, set: Record<string, number> = {}): Scenario => ({ preset, set });

export const TOUR: Stop[] = [
  { page: "overview", scenario: at("base"), title: "The build-out", text: "Trillions are spent on AI infrastructure ahead of the revenue. The fan shows the gigawatts that get switched on; the sentence above is the answer in one line, and it moves with every lever." },
  { page: "build", scenario: at("power-wall"), title: "Gigawatts wait", text: "Grid connections and turbines take years. Here leads are at the long end: chips that are paid for wait in the dark, and the least of chips, shells and power decides each quarter." },
  { page: "financing", scenario: at("debt-shift"), title: "Who lends", text: "Cash flow no longer covers it, so bonds, lease-backs, private credit and securitisations fill the gap. Watch the share of the investment-grade index, and the debt that falls due as a wall years later." },
  { page: "labs", scenario: at("base", { training_cost_growth: 3 }), title: "Generations as ventures", text: "Each model generation pays for itself and the company still loses, because it always trains the next one, at a multiple of the cost. The lever makes generations dearer." },
  { page: "pays", scenario: at("monetisation-catches-up"), title: "Does it pay", text: "A return of ten per cent is said to need 650 bn of revenue a year. Four readings of what is required stand beside what is earned, and every vintage of chips has its own return." },
  { page: "overview", scenario: at("efficiency-shock"), title: "An efficiency jump", text: "A method that needs a fifth of the compute may strand the build-out, or feed it: the elasticity of demand decides, not an assumption." },
  { page: "stress", scenario: at("crunch-2027"), title: "The bust", text: "Nine tenths of the AI part of share values gone within twelve months from the autumn of 2027. Losses land on holders; the output loss runs through idle resources or through lenders: that names the bust." },
];
