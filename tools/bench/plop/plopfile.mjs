import { randomUUID } from "node:crypto";

/** The same job as the template's: builder, handler, import and `.use()`. */
export default function generators(plop) {
  plop.setHelper("uuid", () => randomUUID());
  plop.setGenerator("event", {
    description: "Add backend events",
    prompts: [{ name: "events", message: "library:namespace:handler:name, …" }],
    actions: ({ events }) =>
      events.split(",").flatMap((event) => {
        const [library, namespace, handler, name] = event.split(":");
        const data = { library, namespace, handler, name };
        const folder = "src/backend/events/{{name}}/{{name}}";
        return [
          {
            type: "add",
            path: `{{cwd}}/${folder}.extension.ts`,
            templateFile: "builder.ts.tpl",
            data: { ...data, cwd: process.cwd() },
          },
          {
            type: "add",
            path: `{{cwd}}/${folder}.ts`,
            templateFile: "handler.ts.tpl",
            data: { ...data, cwd: process.cwd() },
          },
          {
            type: "modify",
            path: `{{cwd}}/src/extensions.ts`,
            pattern: /(import \{ app \}.*\n)/,
            template:
              '$1import { event{{pascalCase name}} } from "./backend/events/{{name}}/{{name}}.extension";\n',
            data: { ...data, cwd: process.cwd() },
          },
          {
            type: "modify",
            path: `{{cwd}}/src/extensions.ts`,
            pattern: /;\n$/,
            template: ".use(event{{pascalCase name}});\n",
            data: { ...data, cwd: process.cwd() },
          },
        ];
      }),
  });
}
