"""release/check, notes and announce: a tag that may not become a release is refused, with the reason."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from control_plane import ROOT

CARGO = '[package]\nname = "notafter"\nversion = "1.2.3"\n'
LOCK = '[[package]]\nname = "notafter"\nversion = "1.2.3"\n'
# Instead of GitHub's gh: writes down how it was called, and what it read.
GH = """#!/bin/sh
[ "$2" = view ] && exit $(cat "$(dirname "$0")/status")
echo "$@" >>"$(dirname "$0")/calls" && [ "$2" = upload ] || cat >>"$(dirname "$0")/calls"
"""
CHANGELOG = """# Changelog

## [Unreleased]

## [1.2.3] - 2026-12-01

### Fixed

- A fault of [1.2.2].

## [1.2.2] - 2026-11-01

- Something else.

[1.2.2]: https://example.com/1.2.2
"""


class Checked(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "release").mkdir()
        for script in ("check", "notes", "announce"):
            shutil.copy(ROOT / "release" / script, self.folder / "release")
        self.write("Cargo.toml", CARGO)
        self.write("Cargo.lock", LOCK)
        self.write("CHANGELOG.md", CHANGELOG)
        self.git("init", "--quiet")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def git(self, *arguments):
        own = "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"
        subprocess.run(["git", *own, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=Changed")

    def run_script(self, name, *arguments):
        return subprocess.run([self.folder / "release" / name, *arguments], capture_output=True, text=True, timeout=60)

    def refused(self, tag):
        """Returns the lines with which a tag is refused."""
        done = self.run_script("check", tag)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        return [line.removeprefix("release/check: ") for line in done.stderr.splitlines()]

    def test_a_tag_that_matches_is_accepted_before_and_after_it_exists(self):
        self.commit()
        for _ in range(2):
            done = self.run_script("check", "v1.2.3")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.git("tag", "--force", "v1.2.3")

    def test_a_tag_that_does_not_match_names_each_file_that_disagrees(self):
        self.write("charts/notafter/Chart.yaml", 'name: notafter\nversion: 1.2.3\nappVersion: "1.2.2"\n')
        self.commit()
        self.assertEqual(self.refused("v1.2.3"), ["the tag v1.2.3 does not match appVersion in charts/notafter/Chart.yaml, which is 1.2.2"])
        self.assertEqual(self.refused("v1.2.2"), [
            f"the tag v1.2.2 does not match {place}, which is 1.2.3"
            for place in ("version in Cargo.toml", "notafter in Cargo.lock", "version in charts/notafter/Chart.yaml")])
        self.assertIn("the tag 1.2.3 does not begin with v", self.refused("1.2.3"))

    def test_a_manifest_or_document_that_names_another_version_or_none_is_refused(self):
        self.write("README.md", "git clone --branch v1.2.2 URL\n\nIt is not released yet.\n")
        self.write("docs/image.md", "oci-archive:notafter-1.2.1-oci.tar docker://ghcr.io/notafter/notafter:1.2.3\n")
        self.write("manifests/workload/deployment.yaml", "image: ghcr.io/notafter/notafter:1.2.0\n")
        self.commit()
        self.assertEqual(self.refused("v1.2.3"), [
            "the tag v1.2.3 does not match README.md:1, which names 1.2.2",
            'README.md:3 says "not released yet"',
            "the tag v1.2.3 does not match docs/image.md:1, which names 1.2.1",
            "the tag v1.2.3 does not match manifests/workload/deployment.yaml:1, which names 1.2.0",
        ])

    def test_a_version_before_a_release_may_become_one_of_its_own(self):
        for name, text in (("Cargo.toml", CARGO), ("Cargo.lock", LOCK), ("CHANGELOG.md", CHANGELOG)):
            self.write(name, text.replace("1.2.3", "1.2.3-rc.1"))
        self.write("docs/install.md", "notafter-1.2.3-rc.1-linux-amd64.tar.gz ghcr.io/notafter/notafter:1.2.3-rc.1\n")
        self.commit()
        self.assertEqual(self.run_script("check", "v1.2.3-rc.1").stderr, "")

    def test_a_commit_that_is_not_on_main_is_refused(self):
        self.commit()
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.assertEqual(self.run_script("check", "v1.2.3").stderr, "")
        self.write("README.md", "Something else.\n")
        self.commit()
        self.assertRegex(" ".join(self.refused("v1.2.3")), r"^the commit \w{12} is not on main$")

    def test_a_release_is_created_with_its_notes_or_gets_the_files_that_it_lacks(self):
        self.write("dist/notafter.yaml", "manifest\n")
        sums = subprocess.run(["sha256sum", "notafter.yaml"], cwd=self.folder / "dist", capture_output=True, text=True, check=True)
        self.write("dist/SHA256SUMS", sums.stdout)
        self.write("gh", GH)
        (self.folder / "gh").chmod(0o755)
        files = f"{self.folder}/dist/SHA256SUMS {self.folder}/dist/notafter.yaml"
        create = "release create v1.2.3 --verify-tag --title notafter 1.2.3 --notes-file -"
        for exists, call in ((1, f"{create} {files}\n### Fixed\n\n- A fault of [1.2.2].\n"), (0, f"release upload v1.2.3 --clobber {files}\n")):
            self.write("status", str(exists))
            self.write("calls", "")
            command = self.folder / "release/announce", "v1.2.3", self.folder / "dist"
            environment = os.environ | {"GH": str(self.folder / "gh")}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual((self.folder / "calls").read_text(), call)
        self.write("dist/notafter.yaml", "another\n")
        damaged = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(damaged.returncode, 1)
        self.assertIn("notafter.yaml: FAILED", damaged.stdout)

    def test_a_changelog_without_its_entry_is_refused(self):
        dated = "## [1.2.3] - 2026-12-01"
        for old, new, message in (
            (dated, "", "there is no entry for 1.2.3; its heading is \"## [1.2.3] - "),
            (dated, "## [1.2.3] - Unreleased", 'the entry for 1.2.3 has no date: "## [1.2.3] - Unreleased"'),
            (dated, "## [1.2.3]", 'the entry for 1.2.3 has no date: "## [1.2.3]"'),
            ("- A fault of [1.2.2].", "", "the entry for 1.2.3 contains no change"),
            ("## [1.2.2] - 2026-11-01", dated, "there are 2 entries for 1.2.3"),
        ):
            with self.subTest(message):
                self.assertIn(old, CHANGELOG)
                self.write("CHANGELOG.md", CHANGELOG.replace(old, new))
                self.commit()
                [line] = self.refused("v1.2.3")
                self.assertTrue(line.startswith(f"CHANGELOG.md: {message}"), line)

    def test_a_work_tree_with_changes_names_the_files(self):
        self.commit()
        self.write("new", "")
        self.write("Cargo.lock", LOCK + "\n")
        self.assertEqual(self.refused("v1.2.3"), ["the work tree has changes: Cargo.lock, new"])

    def test_a_tag_of_another_commit_is_refused(self):
        self.commit()
        self.git("tag", "v1.2.3")
        self.write("new", "")
        self.commit()
        [line] = self.refused("v1.2.3")
        self.assertRegex(line, "^the tag v1.2.3 is the commit [0-9a-f]{12}, and the work tree is [0-9a-f]{12}$")

    def test_the_notes_are_the_entry_without_its_heading_and_without_others(self):
        done = self.run_script("notes", "1.2.3")
        self.assertEqual((done.returncode, done.stdout), (0, "### Fixed\n\n- A fault of [1.2.2].\n"))
        self.assertEqual(self.run_script("notes", "1.2.2").stdout, "- Something else.\n")


if __name__ == "__main__":
    unittest.main()
