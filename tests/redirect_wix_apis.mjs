// Preloaded into the dev server by tests (`NODE_OPTIONS=--import=…`): what the
// Wix SDK sends to www.wixapis.com goes to the fake at FAKE_WIX_API instead.

const realFetch = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const url = new URL(request.url);
  if (url.hostname !== "www.wixapis.com") return realFetch(request);
  return realFetch(
    new URL(url.pathname + url.search, process.env.FAKE_WIX_API),
    {
      method: request.method,
      headers: request.headers,
      body: request.method === "GET" ? undefined : await request.text(),
    },
  );
};
