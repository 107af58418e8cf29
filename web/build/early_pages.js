import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const ROUTES = resolve(import.meta.dirname, "../src/router/routes.ts");
const ROUTE = /pattern: \/(.+)\/, load: page\(\(\) => import\("\.\.\/(pages\/[^"]+)"\)\)/g;

/** The files a page needs beyond those every page needs. */
function filesOf(bundle, fileName, known, found = new Set()) {
  const chunk = bundle[fileName];
  if (!chunk || known.has(fileName) || found.has(fileName)) return found;
  found.add(fileName);
  for (const css of chunk.viteMetadata?.importedCss ?? []) if (!known.has(css)) found.add(css);
  for (const imported of chunk.imports) filesOf(bundle, imported, known, found);
  return found;
}

/**
 * Writes into index.html which files each address needs, so that `early.js` can ask for them while the
 * application itself is still on its way: over a slow line this saves a whole round trip.
 */
export function earlyPages() {
  return {
    name: "truestock-early-pages",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const chunks = Object.values(bundle).filter((output) => output.type === "chunk");
        const entry = chunks.find((chunk) => chunk.isEntry);
        const known = filesOf(bundle, entry.fileName, new Set());
        const pages = [...readFileSync(ROUTES, "utf8").matchAll(ROUTE)].map(([, pattern, file]) => {
          const chunk = chunks.find((each) => each.facadeModuleId?.endsWith(`/src/${file}`));
          return [pattern, [...filesOf(bundle, chunk.fileName, known)].map((name) => name.replace("assets/", ""))];
        });
        return { html, tags: [{ tag: "meta", attrs: { name: "pages", content: JSON.stringify(pages) }, injectTo: "head-prepend" }] };
      },
    },
  };
}
