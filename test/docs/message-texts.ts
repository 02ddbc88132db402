/** The texts that an expression of the sources can be, with `…` for what is known only when it runs. */
import ts from "typescript";

/** Every alternative on one line; `…` alone where nothing is known. */
export function textsOf(node: ts.Node): readonly string[] {
  return alternatives(node).map((text) =>
    text
      .replace(/…(?:\s*…)+/g, "…")
      .replace(/\s+/g, " ")
      .trim(),
  );
}

/** Whether a text says something by itself. */
export function isWords(text: string): boolean {
  return (text.match(/\p{L}{2,}/gu) ?? []).length >= 2;
}

const most = 12;

/** Every alternative, with its line ends. */
export function alternatives(node: ts.Node): readonly string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) {
    return node.templateSpans.reduce<readonly string[]>(
      (before, { expression, literal }) =>
        combined(before, ts.isConditionalExpression(expression) ? alternatives(expression) : ["…"]).map(
          (text) => text + literal.text,
        ),
      [node.head.text],
    );
  }
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isAwaitExpression(node)) {
    return alternatives(node.expression);
  }
  if (ts.isConditionalExpression(node)) return [...alternatives(node.whenTrue), ...alternatives(node.whenFalse)];
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return combined(alternatives(node.left), alternatives(node.right));
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) return ofCall(node.expression);
  return ts.isIdentifier(node) ? ofName(node) : ["…"];
}

/** `[…].join("\n")` is its parts; `script(…)` and the like are not known. */
function ofCall({ name, expression }: ts.PropertyAccessExpression): readonly string[] {
  if (name.text !== "join" || !ts.isArrayLiteralExpression(expression)) return ["…"];
  return expression.elements.reduce<readonly string[]>(
    (before, element) =>
      combined(
        before.map((text) => (text === "" ? "" : `${text} `)),
        ts.isSpreadElement(element) ? ["…"] : alternatives(element),
      ),
    [""],
  );
}

/** A constant of the same function or file, where it is a text. */
function ofName(name: ts.Identifier): readonly string[] {
  const inScope = (node: ts.Node): node is ts.Block | ts.SourceFile => ts.isBlock(node) || ts.isSourceFile(node);
  for (
    let scope = ts.findAncestor(name, inScope);
    scope !== undefined;
    scope = ts.isSourceFile(scope) ? undefined : ts.findAncestor(scope.parent, inScope)
  ) {
    for (const statement of scope.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const declared = statement.declarationList.declarations.find((one) => one.name.getText() === name.text);
      const value = declared?.initializer;
      if (value !== undefined && value.pos > name.pos) continue;
      if (value !== undefined && !ts.isIdentifier(value)) return alternatives(value);
    }
  }
  return ["…"];
}

function combined(left: readonly string[], right: readonly string[]): readonly string[] {
  const all = left.flatMap((before) => right.map((after) => before + after));
  return all.length > most ? left.map((before) => `${before}…`) : all;
}
