// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/build_context.hpp>
#include <berth/archive/tar_reader.hpp>
#include <berth/core/digest.hpp>
#include <berth/core/error.hpp>
#include <tests/archive/pieces_of.hpp>
#include <tests/support/temp_dir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <map>

namespace berth::archive {
namespace {

namespace fs = std::filesystem;
using support::pieces_of;
using support::TempDir;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The names in a tar, in order; small files with what is in them.
std::vector<std::string> contents(const BuildContext& context, ContextReader reader = ContextReader::classic) {
    TempDir into;
    const std::string tar = whole(context.tar(reader));
    extract(pieces_of(tar), into.path() / "out");
    std::vector<std::string> result;
    for (const auto& entry : list(pieces_of(tar))) {
        if (entry.kind != TarEntry::Kind::file) {
            result.push_back(entry.name);
            continue;
        }
        std::ifstream file(into.path() / "out" / entry.name);
        result.push_back(entry.name + '=' + std::string(std::istreambuf_iterator<char>(file), {}));
    }
    return result;
}

std::string error_of(const ContextOptions& options) {
    try {
        const BuildContext context(options);
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

TEST(BuildContext, HoldsTheFolderSorted) {
    TempDir folder;
    folder.write("src/b.c", "b");
    folder.write("src/a.c", "a");
    folder.write("Dockerfile", "FROM scratch\n");
    fs::create_symlink("src/a.c", folder.path() / "link");
    const BuildContext context({.directory = folder.path()});

    EXPECT_THAT(contents(context), ElementsAre("Dockerfile=FROM scratch\n", "link", "src/", "src/a.c=a", "src/b.c=b"));
    EXPECT_EQ(context.dockerfile_name(), "Dockerfile");
    EXPECT_EQ(context.dockerfile_text(), "FROM scratch\n");
    EXPECT_EQ(context.bytes(), 15U);
    EXPECT_EQ(context.files(), 3U);
    EXPECT_THAT(context.warnings(), IsEmpty());
}

TEST(BuildContext, BelongsToRootAndKeepsModesAndTimes) {
    TempDir folder;
    folder.write("Dockerfile", "FROM scratch\n");
    const std::string script = folder.write("bin/run", "#!/bin/sh\n");
    ASSERT_EQ(::chmod(script.c_str(), 0751), 0);
    const timespec times[] = {{1'600'000'000, 0}, {1'600'000'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, script.c_str(), times, 0), 0);

    const auto entries =
        list(pieces_of(whole(BuildContext({.directory = folder.path()}).tar(ContextReader::buildkit))));

    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[2], (TarEntry{.name = "bin/run", .size = 10, .mode = 0751, .modified = 1'600'000'000}));
}

TEST(BuildContext, LeavesOutWhatItsRulesName) {
    TempDir folder;
    folder.write(".dockerignore", "build\n*.log\n!keep.log\nthird/*\n!third/party/one\n");
    folder.write("Dockerfile", "x");
    folder.write("build/big", "0");
    folder.write("a.log", "1");
    folder.write("keep.log", "2");
    folder.write("third/other/two", "3");
    folder.write("third/party/one", "4");
    folder.write("third/party/three", "5");

    EXPECT_THAT(contents(BuildContext({.directory = folder.path()})),
                ElementsAre(".dockerignore=build\n*.log\n!keep.log\nthird/*\n!third/party/one\n", "Dockerfile=x",
                            "keep.log=2", "third/", "third/party/", "third/party/one=4"));
}

TEST(BuildContext, SendsDockerfileAndRulesThoughTheyAreLeftOut) {
    TempDir folder;
    folder.write(".dockerignore", "*");
    folder.write("docker/Dockerfile", "x");
    folder.write("other", "1");
    const BuildContext context({.directory = folder.path(), .dockerfile = "docker/Dockerfile"});

    // The classic builder reads the rules only to know what to remove of these two.
    EXPECT_THAT(contents(context),
                ElementsAre("docker/Dockerfile=x", ".dockerignore=/docker/Dockerfile\n/.dockerignore\n"));
    EXPECT_THAT(contents(context, ContextReader::buildkit), ElementsAre("docker/Dockerfile=x"));
    EXPECT_EQ(context.dockerfile_name(), "docker/Dockerfile");
}

TEST(BuildContext, PrefersTheRulesOfTheDockerfile) {
    TempDir folder;
    folder.write(".dockerignore", "a");
    folder.write("tools.Dockerfile", "x");
    folder.write("tools.Dockerfile.dockerignore", "b");
    folder.write("a", "1");
    folder.write("b", "2");
    const BuildContext context({.directory = folder.path(), .dockerfile = "tools.Dockerfile"});

    EXPECT_THAT(contents(context),
                ElementsAre(".dockerignore=a", "a=1", "tools.Dockerfile=x", "tools.Dockerfile.dockerignore=b"));
    // Podman would apply the others.
    EXPECT_THAT(contents(context, ContextReader::podman),
                ElementsAre("a=1", "tools.Dockerfile=x", "tools.Dockerfile.dockerignore=b"));
}

TEST(BuildContext, TakesADockerfileFromElsewhere) {
    TempDir folder;
    TempDir elsewhere;
    const std::string dockerfile = elsewhere.write("Dockerfile", "FROM scratch\n");
    elsewhere.write("Dockerfile.dockerignore", "secret");
    folder.write("secret", "0");
    folder.write("a", "1");
    folder.write(".dockerignore", "nothing");
    const BuildContext context({.directory = folder.path(), .dockerfile = dockerfile});
    const std::string name = ".dockerfile-" + sha256_hex("FROM scratch\n").substr(0, 12);

    EXPECT_EQ(context.dockerfile_name(), name);
    EXPECT_THAT(contents(context),
                ElementsAre(name + "=FROM scratch\n", ".dockerignore=nothing\n/" + name + '\n', "a=1"));
    EXPECT_THAT(contents(context, ContextReader::buildkit),
                ElementsAre(name + "=FROM scratch\n", ".dockerignore=nothing", "a=1"));
}

TEST(BuildContext, TakesTheTextOfADockerfile) {
    TempDir folder;
    folder.write("a", "1");
    folder.write("Dockerfile", "not this one");
    const std::string name = ".dockerfile-" + sha256_hex("FROM x").substr(0, 12);
    const BuildContext context({.directory = folder.path(), .dockerfile_inline = "FROM x"});

    EXPECT_THAT(contents(context), ElementsAre(name + "=FROM x", ".dockerignore=/" + name + "\n/.dockerignore\n",
                                               "Dockerfile=not this one", "a=1"));
    EXPECT_EQ(context.dockerfile_shown(), "the inline Dockerfile");
    EXPECT_THAT(contents(BuildContext({.dockerfile_inline = "FROM x"}), ContextReader::buildkit),
                ElementsAre(name + "=FROM x"));
}

TEST(BuildContext, SendsTheTextBehindASymlink) {
    TempDir folder;
    TempDir elsewhere;
    fs::create_symlink(elsewhere.write("real", "FROM y"), folder.path() / "Dockerfile");
    const BuildContext context({.directory = folder.path()});

    EXPECT_EQ(context.dockerfile_text(), "FROM y");
    EXPECT_EQ(context.dockerfile_name(), ".dockerfile-" + sha256_hex("FROM y").substr(0, 12));
}

TEST(BuildContext, SaysWhichFoldersMakeItLarge) {
    TempDir folder;
    folder.write("Dockerfile", "x");
    for (const auto& [name, size] : std::map<std::string, std::uintmax_t>{
             {"node_modules/a", 80U << 20U}, {"data/b", 30U << 20U}, {"src/c", 1U << 20U}, {"d", 2U << 20U}}) {
        fs::resize_file(folder.write(name, ""), size);  // holes
    }
    const BuildContext context({.directory = folder.path()});

    EXPECT_THAT(
        context.warnings(),
        ElementsAre("the build context '" + fs::canonical(folder.path()).native() +
                    "' has 113 MiB, all of which the engine is sent; the largest: 'node_modules' 80 MiB, 'data' "
                    "30 MiB, files at its top 2 MiB; name what the Dockerfile does not copy in .dockerignore"));
}

TEST(BuildContext, LeavesOutWhatIsNoFile) {
    TempDir folder;
    folder.write("Dockerfile", "x");
    ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
    const BuildContext context({.directory = folder.path()});

    EXPECT_THAT(contents(context), ElementsAre("Dockerfile=x"));
    EXPECT_THAT(context.warnings(),
                ElementsAre("'pipe' is left out of the build context: it is no file, folder or symlink"));
}

TEST(BuildContext, SaysWhatIsMissing) {
    TempDir folder;
    const std::string root = fs::canonical(folder.path()).native();

    EXPECT_EQ(error_of({.directory = root + "/none"}),
              "error[BR0251]: the build context '" + root +
                  "/none' is no folder\n  hint: name the folder whose files the Dockerfile copies");
    EXPECT_EQ(error_of({.directory = root}), "error[BR0251]: there is no Dockerfile '" + root +
                                                 "/Dockerfile'\n  hint: name it with 'dockerfile', or give its text");
    folder.write("dockerfile", "x");
    folder.write("app.Dockerfile", "x");
    folder.write("app.Dockerfile.dockerignore", "x");
    EXPECT_EQ(
        error_of({.directory = root}),
        "error[BR0251]: there is no Dockerfile '" + root +
            "/Dockerfile'\n  hint: name the one that is meant with 'dockerfile': 'app.Dockerfile', 'dockerfile' is "
            "there");
    folder.write(".dockerignore", "[");
    EXPECT_EQ(
        error_of({.directory = root, .dockerfile = "dockerfile"}),
        "error[BR0252]: " + root +
            "/.dockerignore:1: '[' is no rule: its '[' is not closed\n  hint: put '\\' before a character that is "
            "meant as it is");
}

TEST(BuildContext, IsTheSameTarEachTime) {
    TempDir folder;
    folder.write("Dockerfile", "x");
    folder.write("a/b", "1");
    const BuildContext context({.directory = folder.path()});

    EXPECT_EQ(whole(context.tar(ContextReader::classic)), whole(context.tar(ContextReader::classic)));
    const std::string small = whole(std::move(context.tar(ContextReader::classic).compress()));
    EXPECT_EQ(small.substr(0, 2), "\x1f\x8b");
    EXPECT_EQ(small, whole(std::move(context.tar(ContextReader::classic).compress())));
}

/// Bytes of memory that a process has had at most.
std::uint64_t peak() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("VmHWM:", 0) == 0) {
            return std::stoull(line.substr(6)) * 1024;
        }
    }
    return 0;
}

TEST(BuildContext, TakesLittleMemoryForMuch) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the sanitizer's own memory would be measured";
#endif
    TempDir folder;
    folder.write("Dockerfile", "x");
    fs::resize_file(folder.write("large", ""), 300U << 20U);
    for (int i = 0; i < 5000; ++i) {
        folder.write("many/" + std::to_string(i % 50) + "/file-with-a-long-name-" + std::to_string(i), "1");
    }
    const pid_t child = ::fork();
    if (child == 0) {                                   // nothing else of the test's is in it
        std::ofstream("/proc/self/clear_refs") << "5";  // forget the parent's peak
        std::uint64_t size = 0;
        TarSource tar = BuildContext({.directory = folder.path()}).tar(ContextReader::classic);
        for (auto piece = tar.next(); !piece.empty(); piece = tar.next()) {
            size += piece.size();
        }
        const bool whole_tar = size > (300U << 20U);
        ::_exit(!whole_tar ? 1 : peak() > (24U << 20U) ? 2 : 0);
    }

    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << "exit 1: the tar is too short; 2: it took more than 24 MiB";
}

}  // namespace
}  // namespace berth::archive
