/** Keeps zod from compiling parsers: the security policy forbids `eval`, and even the attempt is reported. */
import { z } from "zod";

z.config({ jitless: true });
