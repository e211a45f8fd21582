"""Runs the unittest cases of a script, and writes their outcome in the form of GoogleTest's XML to the file that
HOLDFAST_RESULTS names, so that the test command can count them together with all others."""

import os
import sys
import unittest
import xml.etree.ElementTree as xml


class Recorder(unittest.TextTestResult):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.cases = {}

    def startTest(self, test):
        super().startTest(test)
        self._case(test, test._testMethodName)

    def _case(self, test, name):
        return self.cases.setdefault(test.id(), xml.Element("testcase", name=name, classname=type(test).__name__))

    def _fail(self, test, error):
        if test.id() in self.cases:
            xml.SubElement(self.cases[test.id()], "failure", message=str(error[1])[:1000])

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
        xml.SubElement(self._case(test, name), "skipped", message=reason)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(resultclass=Recorder, verbosity=1).run(suite)
    if path := os.environ.get("HOLDFAST_RESULTS"):
        suites = xml.Element("testsuites")
        xml.SubElement(suites, "testsuite").extend(result.cases.values())
        xml.ElementTree(suites).write(path)
    sys.exit(0 if result.wasSuccessful() else 1)
