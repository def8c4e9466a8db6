/* Sets the theme before the first paint; a file of its own because the security policy allows no inline script. */
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("twarga-theme");
  } catch {
    // Storage may be switched off: then the system decides.
  }
  var isDark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  document.documentElement.classList.toggle("dark", isDark);
})();
