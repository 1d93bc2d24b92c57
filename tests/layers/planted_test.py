#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The check of the layers finds what is planted into a copy of the tree, and nothing in the copy itself."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")

# Where a line is planted, the line, and the whole finding.
PLANTS = [
    ("framework/berth/core/units.cpp", "#include <berth/engine/engine.hpp>", "floor 'core' may not include floor 'engine'"),
    ("framework/berth/spec/graph.cpp", "#include <yaml-cpp/yaml.h>", "<yaml-cpp/yaml.h> is not at home on floor 'spec'"),
    ("framework/berth/engine/containers.hpp", "#include <nlohmann/json.hpp>",
     "<nlohmann/json.hpp> stands in sources and internal headers of the upper floors only"),
    ("framework/berth/http/client.hpp", "#include <Poco/Net/StreamSocket.h>", "a public header shows <Poco/Net/StreamSocket.h>"),
    ("framework/berth/core/units.hpp", "#include <fmt/format.h>", "<fmt/format.h> stands in sources only"),
    ("framework/berth/core/names.cpp", '#include "names.hpp"', 'includes "names.hpp" by quotes; write <berth/floor/file.hpp>'),
    ("framework/berth/gtest/environment.cpp", "#include <berth/cli/main.hpp>", "floor 'gtest' may not include floor 'cli'"),
    ("framework/berth/runtime/up.cpp", "#include <berth/engine/internal/wire.hpp>",
     "<berth/engine/internal/wire.hpp> is internal to floor 'engine'"),
    ("framework/berth/core/log.cpp", "#include <boost/asio.hpp>", "<boost/asio.hpp> belongs to no known library"),
    ("framework/berth/session/session.cpp", "#include <berth/berth.hpp>", "floor 'session' includes <berth/berth.hpp>, which is for users"),
]


def check(root):
    return subprocess.run([sys.executable, os.path.join(HERE, "check"), root], capture_output=True, text=True, check=False)


class Planted(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copytree(os.path.join(ROOT, "framework", "berth"), os.path.join(self.folder, "framework", "berth"))
        if os.path.isdir(os.path.join(ROOT, "fixtures")):
            shutil.copytree(os.path.join(ROOT, "fixtures"), os.path.join(self.folder, "fixtures"))

    def test_the_tree_is_as_planned(self):
        result = check(self.folder)
        self.assertEqual((result.returncode, result.stdout), (0, "layers: as planned\n"))

    def test_each_plant_is_found(self):
        for path, line, finding in PLANTS:
            with self.subTest(path=path, line=line):
                file = os.path.join(self.folder, path)
                before = open(file, encoding="utf-8").read() if os.path.exists(file) else ""
                with open(file, "w", encoding="utf-8") as out:
                    out.write(line + "\n" + before)
                result = check(self.folder)
                with open(file, "w", encoding="utf-8") as out:
                    out.write(before)
                self.assertEqual(result.returncode, 1)
                self.assertEqual(result.stdout, f"{path}:1: {finding}\nlayers: 1 finding in {os.path.realpath(self.folder)}\n")

    def test_an_unknown_floor_is_found(self):
        os.mkdir(os.path.join(self.folder, "framework", "berth", "helpers"))
        result = check(self.folder)
        self.assertIn("framework/berth/helpers: no floor of this name\n", result.stdout)


if __name__ == "__main__":
    unittest.main()
