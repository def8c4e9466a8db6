/** Addresses of the pages for administrators; each is loaded when it is first visited. */
import type { RouteRecordRaw } from "vue-router";

const page = (
  path: string,
  name: string,
  title: string,
  component: () => Promise<unknown>,
): RouteRecordRaw => ({
  path: path === "" ? "admin" : `admin/${path}`,
  name,
  component,
  meta: { title, isForAdmins: true },
});

export const adminRoutes: readonly RouteRecordRaw[] = [
  page("", "admin", "Administration", () => import("./overview/OverviewPage.vue")),
  page("users", "admin-users", "Users", () => import("./users/UsersPage.vue")),
  page("users/:id(\\d+)", "admin-user", "User", () => import("./user/UserPage.vue")),
  page("classes", "admin-classes", "Classes", () => import("./classes/ClassesPage.vue")),
  page("vms", "admin-vms", "All VMs", () => import("./vms/AllVmsPage.vue")),
  page("images", "admin-images", "Images", () => import("./images/ImagesPage.vue")),
  page("settings", "admin-settings", "Settings", () => import("./settings/SettingsPage.vue")),
  page("audit", "admin-audit", "Audit log", () => import("./audit/AuditPage.vue")),
];
