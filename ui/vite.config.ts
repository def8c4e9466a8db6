/** Builds the browser's part into ui/dist; in development it passes everything of the server on to it. */
import { resolve } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const backend = process.env.TWARGA_DEV_BACKEND ?? "http://127.0.0.1:8000";

export default defineConfig(({ command }) => {
  // Whoever runs the build may have `NODE_ENV=test`; what is built is shipped all the same.
  if (command === "build") process.env.NODE_ENV = "production";
  return {
    root: import.meta.dirname,
    plugins: [vue(), tailwindcss()],
    build: {
      outDir: resolve(import.meta.dirname, "dist"),
      emptyOutDir: true,
      // ECharts is one big chunk of its own, loaded by the pages that draw charts.
      chunkSizeWarningLimit: 900,
      reportCompressedSize: true,
      rolldownOptions: {
        output: {
          codeSplitting: {
            groups: [
              // What every page needs and seldom changes: one request, kept by the browser over updates.
              {
                name: "base",
                test: /node_modules\/(@vue|vue|vue-router|pinia|zod|vue-sonner|@vueuse|@floating-ui)\//,
                priority: 1,
              },
            ],
          },
        },
      },
    },
    server: {
      port: 5173,
      proxy: {
        "/api": backend,
        "/health": backend,
        "/docs": backend,
        "/ws": { target: backend, ws: true },
      },
    },
  };
});
