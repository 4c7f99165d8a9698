"""The workflows: checked by actionlint and zizmor, with pinned actions, few rights, and no logic that scripts lack."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

from control_plane import ROOT

FOLDER = ROOT / ".github/workflows"
# The only rights beyond reading, each in one job.
RIGHTS = {
    "publish": {"packages": "write", "id-token": "write", "attestations": "write"},
    "announce": {"contents": "write"},
    "pages": {"contents": "write"},
}


def workflows():
    return {path.name: yaml.safe_load(path.read_text()) for path in FOLDER.glob("*.yml")}


def jobs():
    """Returns every job with its name, without those that are another workflow."""
    return [(name, job) for workflow in workflows().values() for name, job in workflow["jobs"].items() if "steps" in job]


def actionlint(*files):
    command = os.environ["ACTIONLINT"], "-shellcheck=", "-pyflakes=", *files
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def zizmor(folder):
    program = pathlib.Path(sys.executable).parent / "zizmor"
    command = os.environ.get("ZIZMOR", program), "--offline", "--no-progress", "--config", ".github/zizmor.yml", folder
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


class Checkers(unittest.TestCase):
    def changed(self, old, new):
        """Returns a copy of .github with one change in the workflow of releases."""
        copy = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / ".github"
        shutil.copytree(ROOT / ".github", copy)
        file = copy / "workflows/release.yml"
        text = file.read_text()
        self.assertIn(old, text)
        file.write_text(text.replace(old, new, 1))
        return copy

    def test_actionlint_finds_nothing_and_would_find_a_job_that_does_not_exist(self):
        done = actionlint()
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        broken = self.changed("needs: [test, rehearse, build, arm64]", "needs: [tests, rehearse, build, arm64]")
        self.assertIn('"tests" which does not exist', actionlint(broken / "workflows/release.yml").stdout)

    def test_zizmor_finds_nothing_and_would_find_a_tag_and_a_job_with_every_right(self):
        done = zizmor(".github")
        self.assertEqual(done.returncode, 0, done.stdout)
        tagged = self.changed("actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", "actions/checkout@v7")
        self.assertIn("unpinned-uses", zizmor(tagged).stdout)
        everything = self.changed("permissions:\n      contents: read # to check out\n    steps", "permissions: write-all\n    steps")
        self.assertIn("excessive-permissions", zizmor(everything).stdout)


class Written(unittest.TestCase):
    def test_every_action_is_a_commit_with_its_version_beside_it(self):
        lines = [line for path in ROOT.glob(".github/**/*.yml") for line in path.read_text().splitlines() if "uses: " in line]
        others = [line for line in lines if "uses: ./" not in line]
        self.assertGreater(len(others), 8)
        for line in others:
            self.assertRegex(line, r"uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")

    def test_an_action_has_one_version(self):
        text = "".join(path.read_text() for path in ROOT.glob(".github/**/*.yml"))
        found = set(re.findall(r"uses: (\S+)@(\S+)", text))
        self.assertEqual(len(found), len({action for action, _ in found}), found)

    def test_a_right_to_write_is_in_the_job_that_needs_it(self):
        for name, workflow in workflows().items():
            self.assertEqual(workflow["permissions"], {}, name)
        for name, job in jobs():
            beyond = {right: value for right, value in job["permissions"].items() if (right, value) != ("contents", "read")}
            self.assertEqual(beyond, RIGHTS.get(name, {}), name)

    def test_no_checkout_leaves_a_token_behind(self):
        steps = [step for _, job in jobs() for step in job["steps"] if "actions/checkout@" in step.get("uses", "")]
        self.assertEqual(len(steps), len(jobs()))
        for step in steps:
            self.assertIs(step["with"]["persist-credentials"], False)

    def test_they_run_in_the_image_that_the_containerfile_builds_in(self):
        [image] = re.findall(r"^FROM docker\.io/library/(rust:\S+@sha256:[0-9a-f]{64}) AS build$",
                             (ROOT / "Containerfile").read_text(), re.MULTILINE)
        images = [job["container"]["image"] for _, job in jobs() if "container" in job]
        self.assertEqual(images, [image] * len(images))
        self.assertEqual(len(images), 5)

    def test_ci_is_the_script_of_all_checks_and_a_release_runs_it(self):
        [job] = workflows()["ci.yml"]["jobs"].values()
        self.assertEqual([step["run"] for step in job["steps"] if "run" in step], [".ci/run"])
        release = workflows()["release.yml"]["jobs"]
        self.assertEqual(release["test"]["uses"], "./.github/workflows/ci.yml")
        self.assertLessEqual({"test", "rehearse", "arm64"}, set(release["publish"]["needs"]))

    def test_every_check_that_runs_by_name_runs_every_week(self):
        [job] = workflows()["weekly.yml"]["jobs"].values()
        script = (ROOT / ".ci/run").read_text()
        [by_name] = re.findall(r"^by_name=\((.*)\)$", script, re.MULTILINE)
        self.assertEqual(sorted(job["strategy"]["matrix"]["check"]), sorted(by_name.split()))

    def test_every_script_that_they_run_is_there(self):
        runs = [step["run"] for _, job in jobs() for step in job["steps"] if "run" in step]
        scripts = set(re.findall(r"(?<![\w/.])((?:release|\.ci)/[a-z]+)\b", "\n".join(runs)))
        self.assertLessEqual({".ci/run", *(f"release/{name}" for name in ("check", "build", "publish", "announce", "pages"))}, scripts)
        for script in scripts:
            self.assertTrue(os.access(ROOT / script, os.X_OK), script)
        modules = re.findall(r"go -C (\S+)", "\n".join(runs))
        self.assertGreater(len(modules), 1)
        for module in modules:
            self.assertTrue((ROOT / module / "go.mod").exists(), module)

    def test_updates_are_proposed_for_every_manifest_of_dependencies(self):
        updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
        watched = {(update["package-ecosystem"], folder) for update in updates
                   for folder in update.get("directories", [update.get("directory")])}
        for file, ecosystem in (
            ("Cargo.lock", "cargo"), ("go.mod", "gomod"), ("requirements.txt", "pip"), ("action.yml", "github-actions"),
        ):
            tracked = subprocess.run(("git", "ls-files", f"*{file}"), cwd=ROOT, capture_output=True, text=True, check=True)
            for path in tracked.stdout.split():
                folder = pathlib.PurePath("/", path).parent
                with self.subTest(path):
                    self.assertTrue(any(ecosystem == kind and folder.match(pattern) for kind, pattern in watched))


if __name__ == "__main__":
    unittest.main()
