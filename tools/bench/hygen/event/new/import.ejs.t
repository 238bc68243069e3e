---
to: src/extensions.ts
inject: true
eof_last: false
after: "import \\{ app \\}"
---
import { event<%= h.changeCase.pascal(name) %> } from "./backend/events/<%= name %>/<%= name %>.extension";
