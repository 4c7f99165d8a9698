// What the pages of the site have beyond mdBook's: a choice of versions, buttons that copy commands without prompts, and
// tables and commands that scroll by keyboard.

// The versions are listed beside the folder of each version. A page that is opened as a file has no list, and no choice.
(async () => {
  const root = new URL(path_to_root || "./", location.href);
  const here = root.pathname.split("/").at(-2);
  let list;
  try {
    list = await (await fetch(new URL("../versions.json", root))).json();
  } catch {
    return;
  }
  const choice = document.createElement("select");
  choice.id = "versions";
  choice.ariaLabel = "Version";
  for (const version of list.versions) {
    const label = version === list.latest ? `${version} (latest)` : version;
    const isHere = version === here || (here === "latest" && version === list.latest);
    choice.add(new Option(label, version, isHere, isHere));
  }
  choice.addEventListener("change", async () => {
    const other = new URL(`../${choice.value}/`, root);
    const same = new URL(location.pathname.slice(root.pathname.length), other);
    // Another version may not have this page.
    const answer = await fetch(same, { method: "HEAD" });
    location.assign(answer.ok ? same.href + location.hash : other.href);
  });
  document.querySelector(".right-buttons").prepend(choice);
})();

// In a block of the language "console", only lines behind a prompt are commands, and lines that a backslash continues.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.(".clip-button");
    const text = button?.closest("pre").querySelector("code.language-console")?.textContent;
    if (!text?.startsWith("$ ")) return;
    event.stopImmediatePropagation();
    const commands = text.match(/^\$ (?:.*\\\n)*.*/gm).map((command) => command.slice(2));
    navigator.clipboard.writeText(commands.join("\n")).then(() => {
      button.firstChild.innerText = "Copied!";
      button.className = "clip-button tooltipped";
    });
  },
  true,
);

for (const wide of document.querySelectorAll(".table-wrapper, pre code")) {
  if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
}
