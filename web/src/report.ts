// Entry of the one-file report: reads the data the file carries and draws the page once.
import { h, render } from "preact";
import { readReport } from "./state/data";
import { ReportPage } from "./pages/report";
import "./style/index.css";

const root = document.getElementById("supercycle");
if (root) render(h(ReportPage, { data: readReport() }), root);
