/** The built user interface: hashed files for ever, the page itself always fresh, unknown paths answered by the page. */
import { join, sep } from "node:path";

const COMPRESSED = /\.(?:js|css|html|svg|json|webmanifest)$/;
/** Vite puts a hash of the content into the names below this folder. */
const HASHED = /^\/assets\//;

interface Packed {
  readonly modifiedMs: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface StaticFiles {
  /** The answer to a GET or HEAD, or null when neither a file nor the page fits. */
  respond(request: Request, path: string): Promise<Response | null>;
}

/** `publicDir` null: the user interface is not built, e.g. in tests. */
export function createStaticFiles(publicDir: string | null): StaticFiles {
  const packed = new Map<string, Packed>();

  async function fileResponse(request: Request, file: Bun.BunFile, name: string): Promise<Response> {
    const headers = new Headers({ "content-type": file.type });
    headers.set("cache-control", HASHED.test(name) ? "public, max-age=31536000, immutable" : "no-cache");
    const etag = `"${file.size.toString(36)}-${Math.round(file.lastModified).toString(36)}"`;
    headers.set("etag", etag);
    if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
    if (!COMPRESSED.test(name)) return new Response(file, { headers });
    headers.set("vary", "accept-encoding");
    if (!/\bgzip\b/.test(request.headers.get("accept-encoding") ?? ""))
      return new Response(file, { headers });
    headers.set("content-encoding", "gzip");
    return new Response(await pack(file, name), { headers });
  }

  /** Once per file and change: the whole interface is a few megabytes. */
  async function pack(file: Bun.BunFile, name: string): Promise<Uint8Array<ArrayBuffer>> {
    const known = packed.get(name);
    if (known?.modifiedMs === file.lastModified) return known.bytes;
    const bytes = Bun.gzipSync(await file.bytes());
    packed.set(name, { modifiedMs: file.lastModified, bytes });
    return bytes;
  }

  return {
    async respond(request, path) {
      if (publicDir === null) return null;
      const name = path === "/" ? "/index.html" : safeName(path);
      if (name !== null) {
        const file = Bun.file(join(publicDir, name));
        if (await file.exists()) return fileResponse(request, file, name);
      }
      // A missing script must be a 404; only somebody who opens a page gets the page.
      if (!(request.headers.get("accept") ?? "").includes("text/html")) return null;
      const page = Bun.file(join(publicDir, "index.html"));
      return (await page.exists()) ? fileResponse(request, page, "/index.html") : null;
    },
  };
}

/** Longer than any file of the interface; the runtime throws for what the file system cannot name. */
const LONGEST_NAME = 200;

/** The decoded path when it stays below its folder and names no hidden file. */
function safeName(path: string): string | null {
  try {
    const name = decodeURIComponent(path);
    const isSafe =
      name.length <= LONGEST_NAME && !name.includes("\0") && !name.includes("\\") && !/(?:^|\/)\./.test(name);
    return isSafe && name.startsWith(sep) ? name : null;
  } catch {
    return null;
  }
}
