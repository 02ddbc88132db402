/** The nested types of arguments (`input`) and of outputs (`output`). */
export type * as input from "./input";
export type * as output from "./output";
