---
to: src/extensions.ts
inject: true
eof_last: false
after: "export default app\\(\\)"
---
  .use(event<%= h.changeCase.pascal(name) %>)
