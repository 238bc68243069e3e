---
to: src/backend/events/<%= name %>/<%= name %>.extension.ts
---
import { extensions } from "@wix/astro/builders";

export const event<%= h.changeCase.pascal(name) %> = extensions.event({
  id: "<%= crypto.randomUUID() %>",
  source: "./backend/events/<%= name %>/<%= name %>.ts",
});
