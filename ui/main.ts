/** Starts the browser's part: one socket client, one store set, one app. */
import "./shared/styles/index.css";
import { createPinia } from "pinia";
import { createApp } from "vue";
import App from "./App.vue";
import { createAppRouter } from "./router.ts";
import { clientKey, createBrowserClient, startSession } from "./shared/session/index.ts";

const client = createBrowserClient();
const app = createApp(App);
app.use(createPinia());
app.provide(clientKey, client);
const router = createAppRouter();
app.use(router);
startSession(client, router);
app.mount("#app");
