// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/diagnostics.hpp>

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

SourceTexts sources() {
    SourceTexts texts;
    texts.add("a.yaml", "# \u00e4\nname: \u00e4 x\nservices:\n  db: {}\n");
    return texts;
}

std::vector<Diagnostic> findings() {
    return {{.code = "BE0201",
             .severity = Severity::error,
             .message = "unknown key 'imge' in service 'db'",
             .where = {"a.yaml", 2, 9, 2, 10},
             .caret = "did you mean 'image'?",
             .labels = {{{"a.yaml", 4, 3, 4, 5}, "defined here"}},
             .help = "see, 100%: it\nhelps",
             .fix = Fix{{"a.yaml", 2, 9, 2, 10}, "image"},
             .path = "/services/db"},
            {.code = "BW0101",
             .severity = Severity::warning,
             .message = "50%, or so",
             .where = {"b:c,d.yaml", 1, 0, 0, 0}}};
}

TEST(DiagnosticsAsJson, HoldEverythingThatIsKnown) {
    EXPECT_EQ(diagnostics_json(findings(), sources()), R"([
  {
    "code": "BE0201",
    "slug": "unknown-key",
    "severity": "error",
    "message": "unknown key 'imge' in service 'db'; did you mean 'image'?",
    "file": "a.yaml",
    "range": {
      "start": {
        "line": 2,
        "column": 9,
        "offset": 14
      },
      "end": {
        "line": 2,
        "column": 10,
        "offset": 15
      }
    },
    "path": "/services/db",
    "labels": [
      {
        "file": "a.yaml",
        "range": {
          "start": {
            "line": 4,
            "column": 3,
            "offset": 28
          },
          "end": {
            "line": 4,
            "column": 5,
            "offset": 30
          }
        },
        "text": "defined here"
      }
    ],
    "help": "see, 100%: it\nhelps",
    "fix": {
      "range": {
        "start": {
          "line": 2,
          "column": 9,
          "offset": 14
        },
        "end": {
          "line": 2,
          "column": 10,
          "offset": 15
        }
      },
      "text": "image"
    }
  },
  {
    "code": "BW0101",
    "slug": "floating-tag",
    "severity": "warning",
    "message": "50%, or so",
    "file": "b:c,d.yaml",
    "range": {
      "start": {
        "line": 1,
        "column": 0,
        "offset": null
      },
      "end": {
        "line": 1,
        "column": 0,
        "offset": null
      }
    },
    "path": "",
    "labels": [],
    "help": null,
    "fix": null
  }
]
)");
    EXPECT_EQ(diagnostics_json({}, sources()), "[]\n");
}

TEST(DiagnosticsForGithub, AreOneCommandALine) {
    EXPECT_EQ(
        diagnostics_github(findings()),
        "::error file=a.yaml,line=2,col=9,title=BE0201::unknown key 'imge' in service 'db'; did you mean 'image'?\n"
        "::warning file=b%3Ac%2Cd.yaml,line=1,title=BW0101::50%25, or so\n");
}

}  // namespace
}  // namespace berth::cli
