// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/dockerfile.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace berth {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> images(const std::string& text, const BuildArguments& arguments = {},
                                const std::string& target = {}, StagesBuilt built = StagesBuilt::needed) {
    std::vector<std::string> result;
    for (const auto& image : base_images(read_dockerfile(text, arguments), target, built)) {
        result.push_back(image.reference + (image.platform.empty() ? "" : " for " + image.platform));
    }
    return result;
}

TEST(Dockerfile, NamesTheImageItBeginsWith) {
    EXPECT_THAT(images("FROM alpine:3\nRUN x\n"), ElementsAre("alpine:3"));
    EXPECT_THAT(images("from\talpine:3 as x"), ElementsAre("alpine:3"));
    EXPECT_THAT(images("FROM scratch\n"), IsEmpty());
    EXPECT_THAT(images(""), IsEmpty());
    EXPECT_THAT(images("RUN FROM x"), IsEmpty());
    EXPECT_THAT(images("\xEF\xBB\xBF"
                       "FROM a\r\n"),
                ElementsAre("a"));
    EXPECT_THAT(images("# FROM b\n\n  # c\nFROM \\\n# in between\n  a \\\n\n AS x\n"), ElementsAre("a"));
    EXPECT_THAT(images("# escape=`\nFROM `\n a"), ElementsAre("a"));
    EXPECT_THAT(images("FROM --platform=linux/arm64 a"), ElementsAre("a for linux/arm64"));
    EXPECT_THAT(images("FROM --platform=$BUILDPLATFORM a"), ElementsAre("a for linux/amd64"));
}

TEST(Dockerfile, SubstitutesArguments) {
    const std::string head = "ARG TAG=3\nARG NAME=alpine\n";

    EXPECT_THAT(images(head + "FROM $NAME:$TAG"), ElementsAre("alpine:3"));
    EXPECT_THAT(images(head + "FROM ${NAME}:${TAG}", {{"TAG", "4"}}), ElementsAre("alpine:4"));
    EXPECT_THAT(images(head + "FROM $NAME:$TAG", {{"TAG", std::nullopt}}), ElementsAre("alpine:3"));
    EXPECT_THAT(images("ARG A=1 B=\"b c\"\nARG C=$A-x\nFROM i:$C"), ElementsAre("i:1-x"));
    EXPECT_THAT(images("ARG X\nFROM i${X}"), ElementsAre("i"));
    EXPECT_THAT(images("ARG X\nFROM i:${X:-9}"), ElementsAre("i:9"));
    EXPECT_THAT(images("ARG X=\nFROM i:${X:-9}"), ElementsAre("i:9"));
    EXPECT_THAT(images("ARG X=\nFROM i${X-9}"), ElementsAre("i"));
    EXPECT_THAT(images("ARG X=1\nFROM i${X:+:y}"), ElementsAre("i:y"));
    EXPECT_THAT(images("FROM i:${X:-${Y:-z}}"), ElementsAre("i:z"));
    EXPECT_THAT(images("ARG X='$Y'\nFROM \"i\"-$X"), ElementsAre("i-$Y"));
    EXPECT_THAT(images("FROM i-$TARGETARCH-${TARGETOS}"), ElementsAre("i-amd64-linux"));
    // Inside a stage they have no say in what it begins with; an undeclared one is not given.
    EXPECT_THAT(images("FROM a\nARG X=1\nFROM b$X"), ElementsAre("b"));
    EXPECT_THAT(images("FROM b$X", {{"X", "1"}}), ElementsAre("b"));
    // Expansions that only newer builders know are left to them.
    EXPECT_THAT(images("ARG X=1.2\nFROM b:${X%.*}"), IsEmpty());
    EXPECT_THAT(images("FROM b:${"), IsEmpty());
}

constexpr const char* k_stages =
    "FROM one AS First\n"
    "FROM two AS second\n"
    "COPY --from=first /a /b\n"
    "FROM three\n"
    "COPY --from=other:1 --chown=1 /a /b\n"
    "COPY --from=0 /a /b\n"
    "FROM second AS last\n"
    "FROM four AS unused\n";

TEST(Dockerfile, TellsWhichStagesATargetNeeds) {
    EXPECT_THAT(images(k_stages), ElementsAre("four"));
    EXPECT_THAT(images(k_stages, {}, "last"), ElementsAre("one", "two"));
    EXPECT_THAT(images(k_stages, {}, "SECOND"), ElementsAre("one", "two"));
    EXPECT_THAT(images(k_stages, {}, "2"), ElementsAre("one", "three", "other:1"));
    EXPECT_THAT(images(k_stages, {}, "nope"), IsEmpty());
    EXPECT_THAT(images(k_stages, {}, "last", StagesBuilt::until_target), ElementsAre("one", "two", "three", "other:1"));
    EXPECT_EQ(find_stage(read_dockerfile(k_stages), "first"), 0U);
    EXPECT_EQ(find_stage(read_dockerfile(k_stages), ""), 4U);
    EXPECT_EQ(find_stage(read_dockerfile(k_stages), "9"), std::nullopt);
    EXPECT_EQ(find_stage(read_dockerfile("RUN x"), ""), std::nullopt);
}

TEST(Dockerfile, MountsFromImagesToo) {
    EXPECT_THAT(images("FROM a\nRUN --mount=type=bind,from=tools:2,target=/t --mount=from=b,target=/u x"),
                ElementsAre("a", "tools:2", "b"));
}

std::string feature(const std::optional<DockerfileFacts::Feature>& found) {
    return found ? std::to_string(found->line) + " " + found->text : "none";
}

TEST(Dockerfile, TellsWhatOnlyBuildKitKnows) {
    const auto needs = [](const std::string& line) { return feature(read_dockerfile("FROM a\n\n" + line).buildkit); };

    EXPECT_EQ(needs("RUN --mount=type=cache,target=/c x"), "3 RUN --mount=type=cache");
    EXPECT_EQ(needs("run --mount=target=/c x"), "3 RUN --mount=type=bind");
    EXPECT_EQ(needs("RUN --network=none x"), "3 RUN --network");
    EXPECT_EQ(needs("COPY --link a b"), "3 COPY --link");
    EXPECT_EQ(needs("ADD --checksum=sha256:1 a b"), "3 ADD --checksum");
    EXPECT_EQ(needs("COPY --chown=1:1 --chmod=755 a b"), "3 COPY --chmod");
    EXPECT_EQ(needs("RUN <<EOF\nx\nEOF"), "3 RUN <<EOF");
    EXPECT_EQ(needs("COPY <<-'A' <<B /x\na\n\tA\nb\nB"), "3 COPY <<A");
    EXPECT_EQ(needs("COPY --from=b --chown=1 a b"), "none");
    EXPECT_EQ(needs("RUN echo --mount=type=cache $((1<<2)) <<<x"), "none");
    EXPECT_EQ(needs("HEALTHCHECK --interval=1s CMD x"), "none");
}

TEST(Dockerfile, TellsWhatNeedsASession) {
    const auto facts = read_dockerfile("FROM a\nRUN --mount=type=cache,target=/c \\\n  x\nRUN --mount=type=ssh y\n");

    EXPECT_EQ(feature(facts.buildkit), "2 RUN --mount=type=cache");
    EXPECT_EQ(feature(facts.session), "4 RUN --mount=type=ssh");
    EXPECT_EQ(feature(read_dockerfile("FROM a\nRUN --mount=id=x,type=secret y").session), "2 RUN --mount=type=secret");
}

TEST(Dockerfile, DoesNotTakeTheTextOfAHeredocForInstructions) {
    EXPECT_THAT(images("FROM a\nCOPY <<EOF /x\nFROM b\nEOF\nRUN x"), ElementsAre("a"));
    EXPECT_THAT(images("FROM a\nRUN <<-EOF cat\nFROM b\n\tEOF\nFROM c"), ElementsAre("c"));
    EXPECT_THAT(images("FROM a\nRUN <<EOF\nFROM b"), ElementsAre("a"));
}

TEST(Dockerfile, NamesItsFrontend) {
    EXPECT_EQ(read_dockerfile("#syntax=docker/dockerfile:1\nFROM a").frontend, "docker/dockerfile:1");
    EXPECT_EQ(read_dockerfile("# escape=`\n# Syntax = x/y\nFROM a").frontend, "x/y");
    EXPECT_EQ(read_dockerfile("# a comment\n# syntax=x/y\nFROM a").frontend, "");
    EXPECT_EQ(read_dockerfile("FROM a\n# syntax=x/y\n").frontend, "");
    EXPECT_EQ(read_dockerfile("# a comment\n\nFROM a\n").stages.at(0).line, 3U);
}

TEST(Dockerfile, IsReadWhateverItsBytesAre) {
    std::mt19937 random(7);  // NOLINT: the same every time
    const std::string pieces[] = {"FROM ",
                                  "ARG ",
                                  "COPY --from=",
                                  "RUN --mount=type=bind,from=",
                                  "${",
                                  "}",
                                  ":-",
                                  "$",
                                  "\\",
                                  "\n",
                                  "\"",
                                  "'",
                                  "<<E",
                                  "0",
                                  "1",
                                  "a",
                                  " AS ",
                                  "#",
                                  "# syntax=",
                                  "=",
                                  " ",
                                  "\xff",
                                  "\r\n",
                                  "--"};
    std::size_t stages = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto left = random() % 30; left != 0; --left) {
            text += pieces[random() % std::size(pieces)];
        }
        const auto facts = read_dockerfile(text);
        stages += facts.stages.size();
        (void)base_images(facts, {}, StagesBuilt::needed);
    }
    EXPECT_GT(stages, 1000U);
    const auto deep = std::string(100'000, '{');
    EXPECT_THAT(images("FROM a\nRUN \\\n" + std::string(50'000, '\n') + "x\nFROM ${" + deep), IsEmpty());
    std::string nested = "x";
    for (int i = 0; i < 10'000; ++i) {
        nested = "${A:-" + nested + "}";
    }
    EXPECT_THAT(images("FROM " + nested), IsEmpty());
}

}  // namespace
}  // namespace berth
