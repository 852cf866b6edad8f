// What the report's charts use of Observable Plot. See build.sh.
export {axisX, axisY, dot, gridX, link, plot, pointer, rectY, ruleX, ruleY, text, tickX, tip} from "@observablehq/plot";
