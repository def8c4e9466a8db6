/** Modules that are not TypeScript. */
/// <reference types="vite/client" />
