"""Runs the unittest cases of a script, and writes their outcome in the form of GoogleTest's JSON to the file that
HOLDFAST_RESULTS names, so that the test command can count them together with all others."""

import json
import os
import sys
import unittest


class Recorder(unittest.TextTestResult):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.cases = {}

    def startTest(self, test):
        super().startTest(test)
        self.cases[test.id()] = {"suite": type(test).__name__, "name": test._testMethodName, "result": "COMPLETED"}

    def _fail(self, test, error):
        if test.id() in self.cases:
            self.cases[test.id()]["failures"] = [{"failure": str(error[1])[:1000]}]

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._fail(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._fail(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._fail(test, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        # A class that is skipped as a whole has no method.
        name = getattr(test, "_testMethodName", test.id())
        case = self.cases.setdefault(test.id(), {"suite": type(test).__name__, "name": name})
        case.update(result="SKIPPED", skipped=[{"message": reason}])


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(resultclass=Recorder, verbosity=1).run(suite)
    if path := os.environ.get("HOLDFAST_RESULTS"):
        suites = {}
        for case in result.cases.values():
            suites.setdefault(case.pop("suite"), []).append(case)
        with open(path, "w") as file:
            json.dump({"testsuites": [{"name": name, "testsuite": cases} for name, cases in suites.items()]}, file)
    sys.exit(0 if result.wasSuccessful() else 1)
