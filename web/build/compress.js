import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const COMPRESSIBLE = /\.(html|js|css|svg|json|webmanifest|wasm)$/;
const WORTH_IT_BYTES = 512;

function filesBelow(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((found) => {
    const path = join(directory, found.name);
    return found.isDirectory() ? filesBelow(path) : [path];
  });
}

/** Writes a .gz file beside every text asset, so that the server never compresses the same bytes twice. */
export function compress() {
  let outDir = "";
  return {
    name: "truestock-compress",
    apply: "build",
    configResolved(config) {
      outDir = config.build.outDir;
    },
    closeBundle() {
      for (const path of filesBelow(outDir)) {
        if (!COMPRESSIBLE.test(path) || statSync(path).size < WORTH_IT_BYTES) continue;
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}
