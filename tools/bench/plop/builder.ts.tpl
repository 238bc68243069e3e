import { extensions } from "@wix/astro/builders";

export const event{{pascalCase name}} = extensions.event({
  id: "{{uuid}}",
  source: "./backend/events/{{name}}/{{name}}.ts",
});
