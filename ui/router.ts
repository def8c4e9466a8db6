/** The pages and their addresses; each page is loaded when it is first visited. */
import type { Router } from "vue-router";
import { createRouter, createWebHistory } from "vue-router";
import { toast } from "vue-sonner";
import { adminRoutes } from "./features/admin/admin-routes.ts";
import { guardRoute } from "./shared/session/index.ts";

declare module "vue-router" {
  interface RouteMeta {
    title: string;
    /** Needs no session. */
    isPublic?: boolean;
    /** Of no use to somebody who is signed in. */
    isForGuests?: boolean;
    /** For everybody else there is no such page. */
    isForAdmins?: boolean;
  }
}

/** The living style page is for whoever builds the product; a production build does not hold it. */
const designRoutes = import.meta.env.DEV
  ? [
      {
        path: "/design",
        name: "design",
        component: () => import("./features/design/DesignPage.vue"),
        meta: { title: "Design", isPublic: true },
      },
    ]
  : [];

const routes = [
  ...designRoutes,
  {
    path: "/login",
    name: "login",
    component: () => import("./features/auth/LoginPage.vue"),
    meta: { title: "Log in", isPublic: true, isForGuests: true },
  },
  {
    path: "/register",
    name: "register",
    component: () => import("./features/auth/RegisterPage.vue"),
    meta: { title: "Create account", isPublic: true, isForGuests: true },
  },
  {
    path: "/setup",
    name: "setup",
    component: () => import("./features/auth/SetupPage.vue"),
    meta: { title: "Set up", isPublic: true },
  },
  {
    path: "/change-password",
    name: "change-password",
    component: () => import("./features/auth/ChangePasswordPage.vue"),
    meta: { title: "Choose a password" },
  },
  {
    path: "/",
    component: () => import("./shared/shell/AppShell.vue"),
    meta: { title: "Twarga Cloud" },
    children: [
      {
        path: "",
        name: "dashboard",
        component: () => import("./features/vms/DashboardPage.vue"),
        meta: { title: "VMs" },
      },
      {
        path: "vms/:id(\\d+)",
        name: "vm",
        component: () => import("./features/vms/VmPage.vue"),
        meta: { title: "VM" },
      },
      {
        path: "monitor",
        name: "monitor",
        component: () => import("./features/metrics/MonitorPage.vue"),
        meta: { title: "Host" },
      },
      {
        path: "jobs",
        name: "jobs",
        component: () => import("./features/jobs/JobsPage.vue"),
        meta: { title: "Jobs" },
      },
      {
        path: "credits",
        name: "credits",
        component: () => import("./features/credits/CreditsPage.vue"),
        meta: { title: "Credits" },
      },
      {
        path: "account",
        name: "account",
        component: () => import("./features/account/AccountPage.vue"),
        meta: { title: "Account" },
      },
      ...adminRoutes,
      {
        path: ":path(.*)*",
        name: "not-found",
        component: () => import("./shared/shell/NotFoundPage.vue"),
        meta: { title: "Not found" },
      },
    ],
  },
];

/** The files of a page are fetched when it is first visited: the server may be away, or newer than this page. */
function tellLoadFailure(error: unknown): void {
  console.warn("page", error);
  toast.error("This page could not be loaded", {
    description: "The server cannot be reached, or it was updated.",
    action: { label: "Reload", onClick: () => location.reload() },
  });
}

export function createAppRouter(): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes,
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  });
  router.beforeEach(guardRoute);
  router.onError(tellLoadFailure);
  router.afterEach((to) => {
    document.title = `${to.meta.title} · Twarga Cloud`;
  });
  return router;
}
