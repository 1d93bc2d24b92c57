// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/engine/internal/build_parts.hpp>
#include <berth/engine/internal/build_progress.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace berth::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string line_of(const BuildEvent& event) {
    static constexpr const char* k_names[] = {"started", "cached", "finished", "output", "layer", "message", "warning"};
    std::string line = k_names[static_cast<std::size_t>(event.kind)];
    if (!event.step.name.empty()) {
        line += " [" + event.step.text() + "]";
    }
    if (!event.layer.empty()) {
        line += " " + event.layer + " " + std::to_string(event.current) + "/" + std::to_string(event.total);
    }
    line += event.text.empty() ? "" : " " + event.text;
    return line + (event.error_stream ? " (err)" : "");
}

struct Read {
    std::vector<std::string> lines{};
    std::string image{};
    std::optional<BuildFailure> failure{};
};

/// The events of an answer that comes in pieces of `size` bytes.
Read read(const std::string& answer, std::size_t size = 7) {
    BuildProgress progress({.summary = "cannot build image 'x'"});
    std::vector<BuildEvent> events;
    for (std::size_t at = 0; at < answer.size(); at += size) {
        progress.feed(std::string_view(answer).substr(at, size), events);
    }
    progress.finish(events);
    Read result{{}, progress.image_id(), progress.failure()};
    for (const auto& event : events) {
        result.lines.push_back(line_of(event));
    }
    return result;
}

constexpr const char* k_classic = R"({"stream":"Step 1/3 : FROM box AS one"}
{"stream":"\n"}
{"stream":" ---\u003e ac61784f2d32\n"}
{"stream":"Step 2/3 : COPY a /a"}
{"stream":"\n"}
{"stream":" ---\u003e Using cache\n"}
{"stream":" ---\u003e 143f9a6724c2\n"}
{"stream":"Step 3/3 : RUN make"}
{"stream":"\n"}
{"stream":" ---\u003e Running in abaac3d92898\n"}
{"stream":"\u001b[91merr\n\u001b[0m"}
{"stream":"hel"}
{"stream":"lo\nno end"}
)";

TEST(BuildProgress, ReadsTheClassicBuilder) {
    const Read found = read(std::string(k_classic) + R"({"stream":"Removing intermediate container abaac3d92898\n"}
{"stream":" ---\u003e 74156312ce81\n"}
{"aux":{"ID":"sha256:1"}}
{"aux":{"ID":"sha256:2"}}
{"stream":"[Warning] One or more build-args [X] were not consumed\n"}
{"stream":"Successfully built 74156312ce81\n"}
)");

    EXPECT_THAT(found.lines, ElementsAre("started [step 1/3: FROM box AS one]", "finished [step 1/3: FROM box AS one]",
                                         "started [step 2/3: COPY a /a]", "cached [step 2/3: COPY a /a]",
                                         "started [step 3/3: RUN make]", "output [step 3/3: RUN make] err (err)",
                                         "output [step 3/3: RUN make] hello", "output [step 3/3: RUN make] no end",
                                         "finished [step 3/3: RUN make]",
                                         "warning [Warning] One or more build-args [X] were not consumed",
                                         "message Successfully built 74156312ce81"));
    EXPECT_EQ(found.image, "sha256:2");
    EXPECT_FALSE(found.failure);
}

TEST(BuildProgress, KeepsTheOutputOfTheStepThatFailed) {
    const Read found = read(std::string(k_classic) + R"({"stream":"Removing intermediate container abaac3d92898\n"}
{"errorDetail":{"code":7,"message":"The command returned a non-zero code: 7"},"error":"The command returned a non-zero code: 7"}
)");

    ASSERT_TRUE(found.failure);
    EXPECT_EQ(found.failure->message, "The command returned a non-zero code: 7");
    EXPECT_EQ(found.failure->exit_code, 7);
    EXPECT_EQ(found.failure->step, (BuildStep{3, 3, "", "RUN make"}));
    EXPECT_EQ(found.failure->output, "err\nhello\nno end");
    EXPECT_EQ(found.lines.back(), "output [step 3/3: RUN make] no end");
}

TEST(BuildProgress, DoesNotTakeWhatAStepPrintsForTheBuildersOwnWords) {
    const Read found = read(R"({"stream":"Step 1/1 : RUN x"}{"stream":"\n"}
{"stream":" ---\u003e Running in abaac3d92898\n"}{"stream":"\n"}{"stream":" ---\u003e see above\n"}
{"stream":"COMMIT\n"}{"stream":"Successfully tagged all\n"}
{"error":"gone"})");

    ASSERT_TRUE(found.failure);
    EXPECT_EQ(found.failure->output, "\n ---> see above\nCOMMIT\nSuccessfully tagged all\n");
    EXPECT_EQ(found.failure->message, "gone");
    EXPECT_EQ(found.failure->exit_code, std::nullopt);
}

TEST(BuildProgress, ReadsPodman) {
    const Read found = read(R"({"stream":"[1/2] STEP 1/2: FROM box AS one\n"}
{"stream":"[1/2] STEP 2/2: RUN make\n"}
{"stream":"--\u003e Using cache 95bd4c92ca6057b9d447d38b6fde151529ffd8f2276a569bb5e8c1bdc6c12034\n"}
{"stream":"--\u003e 95bd4c92ca6\n"}
{"stream":"[2/2] STEP 1/1: RUN x; exit 7\n"}
{"stream":"no newline"}
{"errorDetail":{"message":"building at STEP \"RUN x; exit 7\": while running runtime: exit status 7\n"},"error":"…"}
)");

    EXPECT_THAT(
        found.lines,
        ElementsAre("started [step 1/2 of stage '1': FROM box AS one]",
                    "finished [step 1/2 of stage '1': FROM box AS one]", "started [step 2/2 of stage '1': RUN make]",
                    "cached [step 2/2 of stage '1': RUN make]", "started [step 1/1 of stage '2': RUN x; exit 7]",
                    "output [step 1/1 of stage '2': RUN x; exit 7] no newline"));
    ASSERT_TRUE(found.failure);
    EXPECT_EQ(found.failure->exit_code, 7);
    EXPECT_EQ(found.failure->output, "no newline");
    EXPECT_EQ(found.failure->message, "building at STEP \"RUN x; exit 7\": while running runtime: exit status 7");
}

TEST(BuildProgress, ReadsAPull) {
    EXPECT_THAT(
        read(R"({"status":"Pulling from library/box","id":"1"}
{"status":"Downloading","id":"aa","progressDetail":{"current":5,"total":10}}
{"status":"Extracting","id":"aa","progressDetail":{"current":-5}})")
            .lines,
        ElementsAre("layer 1 0/0 Pulling from library/box", "layer aa 5/10 Downloading", "layer aa 0/0 Extracting"));
}

// --- BuildKit ---

std::string varint(std::uint64_t value) {
    std::string result;
    for (; value >= 0x80U; value >>= 7U) {
        result += static_cast<char>((value & 0x7FU) | 0x80U);
    }
    return result + static_cast<char>(value);
}
std::string number_field(unsigned field, std::uint64_t value) {
    return varint(field << 3U) + varint(value);
}
std::string field(unsigned number, const std::string& bytes) {
    return varint((number << 3U) | 2U) + varint(bytes.size()) + bytes;
}
std::string vertex(const std::string& digest, const std::string& name, const std::string& more = "") {
    return field(1, field(1, digest) + field(2, "an input") + field(3, name) + more);
}
std::string log_of(const std::string& digest, const std::string& text, std::uint64_t stream = 1) {
    return field(3, field(1, digest) + field(2, number_field(1, 5)) + number_field(3, stream) + field(4, text));
}
std::string trace(const std::string& message) {
    return R"({"id":"moby.buildkit.trace","aux":")" + base64(message) + "\"}\n";
}
const std::string k_began = field(5, number_field(1, 1));
const std::string k_ended = field(6, number_field(1, 2));
const std::string k_cached = number_field(4, 1);

TEST(BuildProgress, ReadsBuildKit) {
    const Read found =
        read(trace(vertex("v0", "[internal] load remote build context", k_began)) +
             trace(vertex("v0", "[internal] load remote build context", k_began + k_ended)) +
             trace(vertex("v1", "[one 1/2] FROM box") + vertex("v2", "[one 2/2] RUN make")) +
             trace(vertex("v1", "[one 1/2] FROM box", k_cached + k_began + k_ended)) +
             trace(vertex("v2", "[one 2/2] RUN make", k_began) + log_of("v2", "hel")) +
             trace(log_of("v2", "err\n", 2)) + trace(log_of("v2", "lo\nno end")) +
             trace(field(2, field(1, "sha256:aa") + field(2, "v1") + number_field(4, 5) + number_field(5, 10))) +
             trace(field(2, field(1, "sha256:aa") + field(2, "v1") + number_field(4, 5) + number_field(5, 10))) +
             trace(vertex("v2", "[one 2/2] RUN make", k_began + k_ended)) +
             trace(field(4, field(1, "v2") + number_field(2, 1) + field(3, "JSON arguments recommended"))) +
             R"({"id":"moby.image.id","aux":{"ID":"sha256:3"}})" + R"({"stream":"Successfully tagged x\n"})");

    EXPECT_THAT(
        found.lines,
        ElementsAre(
            "started [step '[internal] load remote build context']",
            "finished [step '[internal] load remote build context']", "cached [step 1/2 of stage 'one': FROM box]",
            "started [step 2/2 of stage 'one': RUN make]", "output [step 2/2 of stage 'one': RUN make] err (err)",
            "output [step 2/2 of stage 'one': RUN make] hello",
            "layer [step 1/2 of stage 'one': FROM box] sha256:aa 5/10",
            "output [step 2/2 of stage 'one': RUN make] no end", "finished [step 2/2 of stage 'one': RUN make]",
            "warning [step 2/2 of stage 'one': RUN make] JSON arguments recommended", "message Successfully tagged x"));
    EXPECT_EQ(found.image, "sha256:3");
    EXPECT_FALSE(found.failure);
}

TEST(BuildProgress, TellsTheStepOfBuildKitThatFailedFromThoseThatWereCancelled) {
    const Read found =
        read(trace(vertex("v1", "[a 2/2] RUN x", k_began) + vertex("v2", "[b 2/2] RUN y", k_began)) +
             trace(log_of("v1", "out\n") + log_of("v1", "bad", 2) + log_of("v2", "other\n")) +
             trace(vertex("v1", "[a 2/2] RUN x", k_began + k_ended + field(7, "exit code: 7"))) +
             trace(vertex("v2", "[b 2/2] RUN y", k_began + k_ended + field(7, "context canceled"))) +
             R"({"errorDetail":{"message":"process \"/bin/sh\" did not complete successfully: exit code: 7"}})");

    ASSERT_TRUE(found.failure);
    EXPECT_EQ(found.failure->step, (BuildStep{2, 2, "a", "RUN x"}));
    EXPECT_EQ(found.failure->output, "out\nbad");
    EXPECT_EQ(found.failure->exit_code, 7);
}

TEST(BuildProgress, ReadsTheNamesOfSteps) {
    EXPECT_EQ(parse_vertex_name("[2/3] RUN a"), (BuildStep{2, 3, "", "RUN a"}));
    EXPECT_EQ(parse_vertex_name("[linux/amd64 2/3] RUN a"), (BuildStep{2, 3, "", "RUN a"}));
    EXPECT_EQ(parse_vertex_name("[linux/amd64 app 2/3] RUN [a]"), (BuildStep{2, 3, "app", "RUN [a]"}));
    EXPECT_EQ(parse_vertex_name("[app  9/12] COPY"), (BuildStep{9, 12, "app", "COPY"}));
    EXPECT_EQ(parse_vertex_name("exporting to image"), (BuildStep{0, 0, "", "exporting to image"}));
    EXPECT_EQ(parse_vertex_name("[internal] load x"), (BuildStep{0, 0, "", "[internal] load x"}));
    EXPECT_EQ(parse_vertex_name("[1/99999999999999999999] x").number, 0);
}

std::string error_of(const std::string& answer) {
    try {
        (void)read(answer);
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

TEST(BuildProgress, RefusesWhatIsNoAnswerOfABuilder) {
    const std::string hint = "\n  hint: build with the classic builder";
    const auto text = [&](const std::string& why, const std::string& message) {
        return "error[BR0104]: cannot build image 'x': the engine's answer makes no sense: a trace of BuildKit that is "
               "none: " +
               why + "\n  engine: " + base64(message) + hint;
    };

    EXPECT_EQ(error_of(R"({"id":"moby.buildkit.trace","aux":"!"})"),
              "error[BR0104]: cannot build image 'x': the engine's answer makes no sense: a trace of BuildKit that is "
              "none: no "
              "base64\n  engine: !" +
                  hint);
    EXPECT_EQ(error_of(trace("\x0a\x05"
                             "ab")),
              text("a length beyond the end",
                   "\x0a\x05"
                   "ab"));
    EXPECT_EQ(error_of(trace("\x80")), text("a number without an end", "\x80"));
    EXPECT_EQ(error_of(trace(std::string(12, '\xff'))), text("a number of more than 64 bits", std::string(12, '\xff')));
    EXPECT_EQ(error_of(trace("\x0b")), text("a field of an unknown kind", "\x0b"));
    EXPECT_EQ(error_of(trace("\x02")), text("a field number out of range", "\x02"));
    EXPECT_EQ(error_of(trace("\x0a\x02\x0a\x09")), text("a length beyond the end", "\x0a\x02\x0a\x09"));
    EXPECT_THAT(error_of("[]"), ::testing::HasSubstr("no JSON object in the stream"));
    EXPECT_THAT(error_of(R"({"stream":)"), ::testing::HasSubstr("the stream ended in the middle of an object"));
    EXPECT_THAT(error_of(R"({"stream":7})"), ::testing::HasSubstr("'stream' is a JSON number, not a string"));
}

TEST(BuildTrace, PassesOverFieldsItDoesNotKnow) {
    BuildTrace found;
    std::string why;
    const std::string fixed = varint((9U << 3U) | 1U) + "12345678" + varint((10U << 3U) | 5U) + "1234";

    ASSERT_TRUE(decode_build_trace(
        fixed + field(77, "x") + number_field(1, 3) + vertex("d", "n", fixed + field(99, "y")), found, why))
        << why;

    ASSERT_EQ(found.vertexes.size(), 1U);
    EXPECT_EQ(found.vertexes[0].name, "n");
    EXPECT_THAT(found.logs, IsEmpty());
}

TEST(BuildTrace, TakesRandomBytesOrSaysWhyNot) {
    std::mt19937 random(11);  // NOLINT: the same every time
    const std::string whole = vertex("d", "[1/2] x", k_began + k_ended + field(7, "e")) + log_of("d", "text\n") +
                              field(2, field(1, "id") + field(2, "d") + number_field(4, ~0ULL)) +
                              field(4, field(1, "d"));
    std::size_t good = 0;
    std::size_t bad = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string bytes = whole;
        if (round % 2 == 0) {
            bytes.resize(random() % 64);
            for (char& c : bytes) {
                c = static_cast<char>(random());
            }
        } else {
            for (auto left = 1 + random() % 4; left != 0; --left) {
                bytes[random() % bytes.size()] = static_cast<char>(random());
            }
            bytes.resize(random() % (bytes.size() + 1));
        }
        BuildTrace found;
        std::string why;
        const bool decoded = decode_build_trace(bytes, found, why);
        EXPECT_EQ(decoded, why.empty());
        ++(decoded ? good : bad);
    }
    EXPECT_GT(good, 100U);
    EXPECT_GT(bad, 10'000U);
}

TEST(BuildProgress, KeepsTheEndOfAnOutputThatIsTooLong) {
    std::string answer = R"({"stream":"Step 1/1 : RUN x\n"})";
    for (int i = 0; i < 400; ++i) {
        answer += R"({"stream":")" + std::string(16'000, 'x') + "\"}";
    }
    const Read found = read(answer + R"({"stream":"the end"}{"error":"x"})", 100'000);

    ASSERT_TRUE(found.failure);
    EXPECT_LE(found.failure->output.size(), 1U << 20U);
    EXPECT_EQ(found.failure->output.substr(found.failure->output.size() - 8), "xthe end");
}

// --- docker buildx build --progress=plain ---

TEST(PlainProgress, ReadsTheLinesOfBuildx) {
    PlainProgress progress;
    std::vector<BuildEvent> events;
    for (const char* line :
         {"#0 building with \"default\" instance using docker driver",
          "",
          "#1 [internal] load build definition from Dockerfile",
          "#1 transferring dockerfile: 60B done",
          "#1 DONE 0.0s",
          "",
          "#5 [app 2/3] RUN make",
          "#6 [b 2/2] RUN other",
          "#5 0.123 one",
          "#6 0.2 x",
          "#6 DONE 0.3s",
          "",
          "#5 [app 2/3] RUN make",
          "#5 1.5 two words",
          "#5 2.0",
          "#4 [app 1/3] FROM a",
          "#4 CACHED",
          "#5 ERROR: process \"/bin/sh -c make\" did not complete successfully: exit code: 3",
          "------",
          " > [app 2/3] RUN make:",
          "------",
          "ERROR: failed to solve: process \"/bin/sh -c make\" did not complete successfully: exit code: 3"}) {
        progress.take(line, events);
    }

    std::vector<std::string> lines;
    for (const auto& event : events) {
        lines.push_back(line_of(event));
    }
    EXPECT_THAT(
        lines, ElementsAre("started [step 'building with \"default\" instance using docker driver']",
                           "started [step '[internal] load build definition from Dockerfile']",
                           "message [step '[internal] load build definition from Dockerfile'] transferring "
                           "dockerfile: 60B done",
                           "finished [step '[internal] load build definition from Dockerfile']",
                           "started [step 2/3 of stage 'app': RUN make]", "started [step 2/2 of stage 'b': RUN other]",
                           "output [step 2/3 of stage 'app': RUN make] one",
                           "output [step 2/2 of stage 'b': RUN other] x", "finished [step 2/2 of stage 'b': RUN other]",
                           "output [step 2/3 of stage 'app': RUN make] two words",
                           "output [step 2/3 of stage 'app': RUN make]", "started [step 1/3 of stage 'app': FROM a]",
                           "cached [step 1/3 of stage 'app': FROM a]", "message ------",
                           "message  > [app 2/3] RUN make:", "message ------"));
    const BuildFailure failure = progress.failure(1);
    EXPECT_EQ(failure.step, (BuildStep{2, 3, "app", "RUN make"}));
    EXPECT_EQ(failure.output, "one\ntwo words\n\n");
    EXPECT_EQ(failure.exit_code, 3);
    EXPECT_EQ(failure.message,
              "failed to solve: process \"/bin/sh -c make\" did not complete successfully: exit code: 3");
}

TEST(PlainProgress, KeepsTheWordsOfACommandThatFailedAtOnce) {
    PlainProgress progress;
    std::vector<BuildEvent> events;
    progress.take("unknown flag: --x", events);

    EXPECT_EQ(progress.failure(125).output, "unknown flag: --x\n");
    EXPECT_EQ(progress.failure(125).message, "docker buildx ended with exit code 125");
}

}  // namespace
}  // namespace berth::engine
