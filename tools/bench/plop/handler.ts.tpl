import { {{namespace}} } from "{{library}}";

export default {{namespace}}.{{handler}}(async (event) => {
  try {
    console.log("{{handler}}", event.metadata.entityId);
    // Your code goes here.
  } catch (error) {
    // Not thrown on: one failing handler must not break the others.
    console.error("{{handler}} failed", error);
  }
});
