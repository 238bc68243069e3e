// Preloaded into the dev server by tests (`NODE_OPTIONS=--import=…`): what the
// Wix SDK sends to www.wixapis.com goes to the fake at FAKE_WIX_API instead, whose
// answers say what Math.random() is to return.

const realFetch = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const url = new URL(request.url);
  if (url.hostname !== "www.wixapis.com") return realFetch(request);
  const response = await realFetch(
    new URL(url.pathname + url.search, process.env.FAKE_WIX_API),
    {
      method: request.method,
      headers: request.headers,
      body: request.method === "GET" ? undefined : await request.text(),
    },
  );
  const random = Number(response.headers.get("Math-Random"));
  Math.random = () => random;
  return response;
};
