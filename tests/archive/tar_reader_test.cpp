// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/tar_reader.hpp>
#include <berth/core/error.hpp>
#include <tests/archive/pieces_of.hpp>
#include <tests/archive/raw_tar.hpp>
#include <tests/support/temp_dir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

namespace berth::archive {
namespace {

namespace fs = std::filesystem;
using support::pieces_of;
using support::RawTar;
using support::TempDir;
using ::testing::ElementsAre;
using ::testing::Pair;

/// A folder with the target `out` and a neighbour that a hostile archive would like to change.
class Extract : public ::testing::Test {
  protected:
    Extract() { folder_.write("neighbour", "untouched"); }

    /// Whatever happened: nothing is beside the target, and the neighbour is as it was.
    void TearDown() override {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder_.path())) {
            names.insert(entry.path().filename());
        }
        names.erase("out");
        EXPECT_THAT(names, ElementsAre("neighbour"));
        EXPECT_EQ(read("../neighbour"), "untouched");
        EXPECT_FALSE(fs::exists("/berth-was-here"));
    }

    Extracted unpack(const RawTar& tar, const Limits& limits = {}) { return unpack(tar.bytes(), limits); }
    Extracted unpack(const std::string& tar, const Limits& limits = {}) {
        return extract(pieces_of(tar), out_, limits);
    }

    /// The whole text of what unpacking throws; the target must not be there then.
    std::string error_of(const std::string& tar, const Limits& limits = {}) {
        try {
            unpack(tar, limits);
        } catch (const Error& error) {
            EXPECT_FALSE(fs::exists(out_));
            return error.what();
        }
        return "no error";
    }
    std::string error_of(const RawTar& tar, const Limits& limits = {}) { return error_of(tar.bytes(), limits); }

    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file(folder_.path() / "out" / name);
        if (name.rfind("../", 0) == 0) {
            file = std::ifstream(folder_.path() / name.substr(3));
        }
        return {std::istreambuf_iterator<char>(file), {}};
    }
    [[nodiscard]] unsigned mode(const std::string& name) const {
        struct stat facts {};
        EXPECT_EQ(::lstat((out_ / name).c_str(), &facts), 0) << name;
        return facts.st_mode & 07777U;
    }

    TempDir folder_;
    fs::path out_ = folder_.path() / "out";
};

TEST_F(Extract, BringsFilesDirectoriesAndSymlinks) {
    const RawTar tar = RawTar()
                           .add({.name = "data/", .type = '5', .mode = 0755})
                           .add({.name = "data/a", .content = "one"})
                           .add({.name = "data/sub/b", .content = "two", .mode = 0600})
                           .add({.name = "data/link", .type = '2', .link = "sub/b"})
                           .add({.name = "data/again", .type = '1', .link = "data/a"});

    const Extracted result = unpack(tar);

    EXPECT_EQ(result.files, 3U);
    EXPECT_EQ(result.directories, 1U);
    EXPECT_EQ(result.symlinks, 1U);
    EXPECT_EQ(result.bytes, 9U);
    EXPECT_TRUE(result.left_out.empty());
    EXPECT_EQ(read("data/a"), "one");
    EXPECT_EQ(read("data/link"), "two");
    EXPECT_EQ(read("data/again"), "one");
    EXPECT_EQ(fs::hard_link_count(out_ / "data/a"), 1U);
    EXPECT_EQ(mode("data/sub/b"), 0600U);
    EXPECT_EQ(mode(""), 0700U);
}

TEST_F(Extract, RoundTripsATreeOfOurOwn) {
    TempDir tree;
    tree.write("größe/one", "1");
    tree.write("two", std::string(200'000, '2'));
    TarSource source;
    source.add_tree(tree.path(), "");

    const Extracted result = extract(pieces(std::move(source)), out_);

    EXPECT_EQ(result.files, 2U);
    EXPECT_EQ(read("größe/one"), "1");
    EXPECT_EQ(read("two").size(), 200'000U);
}

TEST_F(Extract, TakesAnEmptyDirectoryForTheTarget) {
    fs::create_directory(out_);

    unpack(RawTar().add({.name = "a", .content = "1"}));

    EXPECT_EQ(read("a"), "1");
}

TEST_F(Extract, RefusesATargetThatHoldsSomething) {
    folder_.write("out/mine", "1");

    try {
        unpack(RawTar().add({.name = "a", .content = "1"}));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()), "error[BR0401]: cannot unpack into '" + out_.string() +
                                                 "': something is there already\n"
                                                 "  hint: name a directory that is not there yet");
    }

    EXPECT_EQ(read("mine"), "1");
}

TEST_F(Extract, RefusesAnAbsoluteName) {
    EXPECT_EQ(error_of(RawTar().add({.name = "/berth-was-here", .content = "x"})),
              "error[BR0402]: the archive has an entry '/berth-was-here' that is absolute\n"
              "  hint: no ordinary tool writes such an archive: do not trust where it came from");
}

TEST_F(Extract, RefusesANameThatGoesUp) {
    for (const char* name : {"../neighbour", "a/../../neighbour", "a/..", ".."}) {
        EXPECT_EQ(error_of(RawTar().add({.name = name, .content = "x"})),
                  std::string("error[BR0402]: the archive has an entry '") + name +
                      "' that goes up\n"
                      "  hint: no ordinary tool writes such an archive: do not trust where it came from");
    }
}

TEST_F(Extract, LeavesOutSymlinksThatLeadOut) {
    const RawTar tar = RawTar()
                           .add({.name = "root", .type = '2', .link = "/"})
                           .add({.name = "up", .type = '2', .link = ".."})
                           .add({.name = "a/up", .type = '2', .link = "../.."})
                           .add({.name = "a/round", .type = '2', .link = "b/../../../neighbour"})
                           .add({.name = "a/inside", .type = '2', .link = "../b"});

    const Extracted result = unpack(tar);

    EXPECT_THAT(result.left_out, ElementsAre(Pair("root", "a symlink that leads out, to '/'"),
                                             Pair("up", "a symlink that leads out, to '..'"),
                                             Pair("a/up", "a symlink that leads out, to '../..'"),
                                             Pair("a/round", "a symlink that leads out, to 'b/../../../neighbour'")));
    EXPECT_EQ(result.symlinks, 1U);
    EXPECT_EQ(fs::read_symlink(out_ / "a/inside"), "../b");
}

TEST_F(Extract, DoesNotWriteThroughASymlink) {
    const RawTar tar = RawTar()
                           .add({.name = "door", .type = '2', .link = ".."})
                           .add({.name = "door/neighbour", .content = "changed"})
                           .add({.name = "here", .type = '2', .link = "real"})
                           .add({.name = "here/file", .content = "in a directory of its own"});

    const Extracted result = unpack(tar);

    EXPECT_EQ(read("door/neighbour"), "changed");
    EXPECT_EQ(read("here/file"), "in a directory of its own");
    EXPECT_THAT(result.left_out, ElementsAre(Pair("door", "a symlink that leads out, to '..'"),
                                             Pair("here", "another entry has its name")));
}

TEST_F(Extract, DoesNotHangASymlinkBelowASymlink) {
    const RawTar tar = RawTar()
                           .add({.name = "deep/er/x", .content = "1"})
                           .add({.name = "door", .type = '2', .link = "deep/er"})
                           .add({.name = "door/up", .type = '2', .link = "../x"});

    const Extracted result = unpack(tar);

    EXPECT_THAT(result.left_out, ElementsAre(Pair("door/up", "it lies below a symlink")));
    EXPECT_FALSE(fs::exists(fs::symlink_status(out_ / "deep/er/up")));
}

TEST_F(Extract, LeavesOutHardLinksToWhatItDidNotBring) {
    const RawTar tar = RawTar()
                           .add({.name = "inside", .content = "1"})
                           .add({.name = "passwd", .type = '1', .link = "etc/passwd"})
                           .add({.name = "self", .type = '1', .link = "self"});

    const Extracted result = unpack(tar);

    EXPECT_THAT(result.left_out, ElementsAre(Pair("passwd", "a hard link to 'etc/passwd', which is not in the archive"),
                                             Pair("self", "a hard link to nothing")));
    EXPECT_EQ(result.files, 1U);
}

TEST_F(Extract, RefusesAHardLinkOutside) {
    EXPECT_EQ(error_of(RawTar().add({.name = "n", .type = '1', .link = "../neighbour"})),
              "error[BR0402]: the archive has an entry '../neighbour' that goes up\n"
              "  hint: no ordinary tool writes such an archive: do not trust where it came from");
}

TEST_F(Extract, LeavesOutDevicesAndPipes) {
    const RawTar tar = RawTar()
                           .add({.name = "null", .type = '3'})
                           .add({.name = "disk", .type = '4'})
                           .add({.name = "pipe", .type = '6'})
                           .add({.name = "file", .content = "1"});

    const Extracted result = unpack(tar);

    EXPECT_THAT(result.left_out,
                ElementsAre(Pair("null", "a device, FIFO or socket"), Pair("disk", "a device, FIFO or socket"),
                            Pair("pipe", "a device, FIFO or socket")));
    EXPECT_FALSE(fs::exists(fs::symlink_status(out_ / "pipe")));
    EXPECT_EQ(read("file"), "1");
}

TEST_F(Extract, DropsSetuidAndKeepsDirectoriesOpenToTheirOwner) {
    const RawTar tar = RawTar()
                           .add({.name = "shut", .type = '5', .mode = 0555})
                           .add({.name = "shut/su", .content = "1", .mode = 06755});

    unpack(tar);

    EXPECT_EQ(mode("shut/su"), 0755U);
    EXPECT_EQ(mode("shut"), 0755U);
}

TEST_F(Extract, TakesNamesWithControlCharactersAndPrintsThemEscaped) {
    const std::string name = "a\x1b[31m\nb";
    const RawTar tar = RawTar().add({.name = name, .content = "1"}).add({.name = name + ".pipe", .type = '6'});

    const Extracted result = unpack(tar);

    EXPECT_EQ(read(name), "1");
    EXPECT_THAT(result.left_out, ElementsAre(Pair("a\\x1b[31m\\nb.pipe", "a device, FIFO or socket")));
}

TEST_F(Extract, RefusesTwentyGibibytesByTheirHeaderAlone) {
    const RawTar tar = RawTar().add({.name = "sparse", .content = "x", .claimed_size = 20ULL << 30U});

    EXPECT_EQ(error_of(tar),
              "error[BR0403]: the archive holds more than 1073741824 bytes, which are the limit\n"
              "  hint: copy less, or allow more");
}

TEST_F(Extract, CountsBytesEntriesAndDepth) {
    const RawTar tar = RawTar().add({.name = "a", .content = "12345"}).add({.name = "b/c/d", .content = "678"});

    EXPECT_EQ(
        error_of(tar, {.bytes = 7}),
        "error[BR0403]: the archive holds more than 7 bytes, which are the limit\n  hint: copy less, or allow more");
    EXPECT_EQ(
        error_of(tar, {.entries = 1}),
        "error[BR0403]: the archive has more than 1 entries, which are the limit\n  hint: copy less, or allow more");
    EXPECT_EQ(error_of(tar, {.depth = 2}),
              "error[BR0403]: the archive nests directories deeper than 2, which is the limit\n"
              "  hint: copy less, or allow more");
    EXPECT_EQ(unpack(tar, {.bytes = 8, .entries = 2, .depth = 3}).bytes, 8U);
}

TEST_F(Extract, RefusesACutArchiveAndLeavesNothing) {
    const std::string tar = RawTar().add({.name = "a", .content = std::string(2000, 'x')}).bytes();

    EXPECT_EQ(error_of(tar.substr(0, 1000)),
              "error[BR0402]: cannot read the archive: Truncated tar archive\n"
              "  hint: the archive is damaged or cut short: make it again");
    EXPECT_EQ(error_of(tar.substr(0, 300)).substr(0, 14), "error[BR0402]:");
    EXPECT_EQ(error_of("this is no archive at all, but it is a text of some length\n").substr(0, 14), "error[BR0402]:");
}

TEST_F(Extract, EveryCutOfAnArchiveIsWholeOrAnError) {
    const std::string tar = RawTar()
                                .add({.name = "d/a", .content = std::string(700, 'x')})
                                .add({.name = "link", .type = '2', .link = "d/a"})
                                .bytes();

    for (std::size_t size = 0; size < tar.size(); size += 37) {
        fs::remove_all(out_);
        try {
            unpack(tar.substr(0, size));
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), "BR0402") << size;
            EXPECT_FALSE(fs::exists(out_)) << size;
            continue;
        }
        const std::string content = read("d/a");
        EXPECT_TRUE(content.empty() || content.size() == 700) << size;
    }
}

TEST_F(Extract, ALaterEntryReplacesAnEarlierFile) {
    const RawTar tar = RawTar()
                           .add({.name = "a", .type = '2', .link = "b"})
                           .add({.name = "a", .content = "first", .mode = 0400})
                           .add({.name = "a", .content = "second"});

    unpack(tar);

    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(out_ / "a")));
    EXPECT_EQ(read("a"), "second");
}

TEST_F(Extract, ThrowsOnWhatTheSourceThrows) {
    int calls = 0;
    const Pieces broken = [&]() -> std::string_view {
        static const std::string head = RawTar().add({.name = "a", .content = std::string(5000, 'x')}).bytes();
        if (++calls == 1) {
            return std::string_view(head).substr(0, 700);
        }
        throw std::runtime_error("the connection was lost");
    };

    try {
        extract(broken, out_);
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "the connection was lost");
    }

    EXPECT_FALSE(fs::exists(out_));
}

TEST(ReadFile, TakesOnlyARegularFile) {
    const auto error_of = [](const RawTar& tar) -> std::string {
        try {
            return read_file(pieces_of(tar.bytes()), 4);
        } catch (const Error& error) {
            return error.what();
        }
    };

    EXPECT_EQ(error_of(RawTar().add({.name = "a", .content = "four"})), "four");
    EXPECT_EQ(error_of(RawTar().add({.name = "etc/", .type = '5'})),
              "error[BR0402]: 'etc/' is no regular file\n  hint: copy a directory to a directory instead");
    EXPECT_EQ(error_of(RawTar().add({.name = "a", .content = "fives"})),
              "error[BR0403]: 'a' has 5 bytes, and 4 are the limit\n  hint: copy less, or allow more");
    EXPECT_EQ(error_of(RawTar()),
              "error[BR0402]: the archive is empty\n  hint: copy a directory to a directory instead");
}

}  // namespace
}  // namespace berth::archive
