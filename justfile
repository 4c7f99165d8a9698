# The checks of `.ci/run`, by name: `just lint`. A test compares both.

# Prints the recipes
default:
    @just --list

# Runs every check, as CI does
ci:
    .ci/run

# The formatting
format:
    .ci/run format

# The tests of the program and of the simulator
unit:
    .ci/run unit

# No warning in any target
lint:
    .ci/run lint

# The design, and its links
doc:
    .ci/run doc

# Licenses and sources of all dependencies
licenses:
    .ci/run licenses

# Everything real: some modules with `tests/e2e/run MODULE...`
e2e:
    .ci/run e2e
