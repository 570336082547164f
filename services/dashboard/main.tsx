// The page's first lines: styles, and the application in its place.
import "./style.css";
import { render } from "preact";
import { App } from "./app.tsx";

const place = document.getElementById("page");
if (place === null) throw new Error("the page has no place for its application");
render(<App />, place);
