import { defineConfig } from "astro/config";
import wix from "@wix/astro";
import cloudProviderFetchAdapter from "@wix/cloud-provider-fetch-adapter";

export default defineConfig({
  integrations: [wix()],
  output: "server",
  adapter: cloudProviderFetchAdapter({}),
});
