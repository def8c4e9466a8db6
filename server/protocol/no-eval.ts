/**
 * In a browser zod must not compile parsers: the page's policy forbids `eval`, and even the attempt is reported.
 * It decides when the first schema is made, so this comes first here: a bundler may run this folder before the page's own code.
 */
import { config } from "zod";

if ("document" in globalThis) config({ jitless: true });
