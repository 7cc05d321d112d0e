// Light or dark before anything is painted: what the user chose (the server has set that already), else what the system asks
// for. A classic script, because a module would come after the first picture.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = root.dataset.bsTheme ?? "auto";
  const apply = () => {
    root.dataset.bsTheme = chosen === "auto" ? (system.matches ? "dark" : "light") : chosen;
    document.querySelectorAll("[data-theme-choice]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen)));
    root.dispatchEvent(new CustomEvent("themechange")); // charts and maps paint themselves anew
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    chosen = button.dataset.themeChoice;
    const days = chosen === "auto" ? 0 : 365;
    document.cookie = `theme=${chosen}; path=/; max-age=${days * 86400}; samesite=lax`;
    apply();
  });
})();
