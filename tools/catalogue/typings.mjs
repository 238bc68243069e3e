import { createRequire } from "node:module";
import path from "node:path";

/**
 * @typedef {object} Typed what the typings hold on one event
 * @property {import("typescript").Type} envelope the type of the handler's argument
 * @property {string} comment the text of the handler's doc comment
 * @property {{ name: string, text: string }[]} tags its tags, in order
 */

/**
 * Load the TypeScript compiler of the SDK project.
 *
 * @param {string} sdk the npm project that holds the SDK packages
 * @returns {typeof import("typescript")}
 */
export function loadTypeScript(sdk) {
  return createRequire(path.join(sdk, "package.json"))("typescript");
}

/**
 * Open the typings of the installed SDK packages as one program.
 *
 * @param {typeof import("typescript")} ts
 * @param {string} sdk the npm project that holds the SDK packages
 * @param {string[]} packages
 * @returns {{ checker: import("typescript").TypeChecker, read: (event: import("./values.mjs").Exported) => Typed }}
 */
export function openTypings(ts, sdk, packages) {
  const root = path.join(sdk, "catalogue.virtual.ts");
  const text = packages.map((name) => `import "${name}";`).join("\n");
  const options = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    types: [],
  };
  const host = ts.createCompilerHost(options, true);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === root || fileExists(name);
  host.getSourceFile = (name, version, ...rest) =>
    name === root
      ? ts.createSourceFile(name, text, version, true)
      : getSourceFile(name, version, ...rest);
  const program = ts.createProgram([root], options, host);
  const checker = program.getTypeChecker();
  const modules = new Map(
    program
      .getSourceFile(root)
      .statements.map(({ moduleSpecifier }) => [
        moduleSpecifier.text,
        checker.getSymbolAtLocation(moduleSpecifier),
      ]),
  );

  const member = (module, name) => {
    const symbol = checker
      .getExportsOfModule(module)
      .find((exported) => exported.name === name);
    return symbol.flags & ts.SymbolFlags.Alias
      ? checker.getAliasedSymbol(symbol)
      : symbol;
  };
  const onlyParameter = (type) =>
    checker.getTypeOfSymbol(type.getCallSignatures()[0].parameters[0]);

  const read = (event) => {
    const namespace = member(modules.get(event.package), event.namespace);
    const handler = member(namespace, event.handler);
    const envelope = onlyParameter(
      onlyParameter(checker.getTypeOfSymbol(handler)),
    );
    // The tags stand at a function of the handler's name, beside the envelope's type.
    const tagged = envelope.symbol.declarations[0]
      .getSourceFile()
      .statements.find(
        (statement) =>
          ts.isFunctionDeclaration(statement) &&
          statement.name.text === event.handler,
      );
    const tags = tagged ? ts.getJSDocTags(tagged) : [];
    return {
      envelope,
      comment: ts.displayPartsToString(
        handler.getDocumentationComment(checker),
      ),
      tags: tags.map((tag) => ({
        name: tag.tagName.text,
        text: (ts.getTextOfJSDocComment(tag.comment) ?? "").trim(),
      })),
    };
  };
  return { checker, read };
}
