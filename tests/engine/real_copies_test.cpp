// SPDX-License-Identifier: Apache-2.0
// Copies into containers and out of them, and every way in which they are refused.
#include <berth/archive/tar_reader.hpp>
#include <berth/archive/tar_writer.hpp>
#include <tests/engine/limits.hpp>
#include <tests/engine/real_engine.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/temp_dir.hpp>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::can;
using support::error_text;
using support::Feature;
using ::testing::EndsWith;
using ::testing::StartsWith;

class RealCopies : public support::RealEngine {
  protected:
    [[nodiscard]] static ArchiveSource file(const std::string& name, const std::string& content) {
        archive::TarSource tar;
        tar.add_content(name, content);
        return archive::pieces(std::move(tar));
    }
    [[nodiscard]] static ArchiveSource directory(const std::string& name) {
        archive::TarSource tar;
        tar.add_directory(name);
        return archive::pieces(std::move(tar));
    }
    [[nodiscard]] std::string run(const ContainerId& id, const std::string& script) {
        return containers_.exec(id, {.command = {"sh", "-c", script}}).standard_output;
    }
    /// `error[…]: cannot copy into …` as far as the engine's own words.
    static std::string in(const std::string& code, const std::string& where, const ContainerId& id,
                          const std::string& why) {
        return "error[" + code + "]: cannot copy into '" + where + "' of container '" + id.text.substr(0, 12) +
               "': " + why + "\n  engine: ";
    }
};

TEST_F(RealCopies, BelongToWhomTheTarSaysOrToTheUser) {
    ContainerConfig config = shell("sleep 60");
    config.user = "root";
    const ContainerId id = started(config);
    const auto owned = [](const std::string& name) {
        archive::TarSource tar;
        tar.add_content(name, "x", {.uid = 1, .gid = 2, .mode = 0640});
        return archive::pieces(std::move(tar));
    };

    containers_.put_archive(id, "/home", owned("kept"));
    EXPECT_EQ(run(id, "stat -c '%u:%g %a' /home/kept"), "1:2 640\n");

    if (engine_.facts().kind == EngineKind::docker) {
        containers_.put_archive(id, "/home", owned("given"), PutOptions{.copy_uid_gid = true});
        EXPECT_EQ(run(id, "stat -c '%u:%g' /home/given"), "0:0\n");
    }
}

TEST_F(RealCopies, DoNotTakeADirectorysPlaceUnlessAllowed) {
    const ContainerId id = started("mkdir -p /d/inner; touch /d/inner/precious /d/plain; sleep 60");
    ASSERT_TRUE(support::wait_until([&] { return containers_.stat(id, "/d/plain").has_value(); }));

    const auto over_directory = [&] { containers_.put_archive(id, "/d", file("inner", "x")); };
    const std::string text = error_text<EngineRefused>(over_directory);
    EXPECT_THAT(text, StartsWith(in("BR0414", "/d", id,
                                    "a file would take the place of a directory, or a directory that of a file")));
    EXPECT_THAT(text, EndsWith("\n  hint: remove what is there first, or let it be overwritten "
                               "(PutOptions::no_overwrite)"));
    EXPECT_THROW(containers_.put_archive(id, "/d", directory("plain")), EngineRefused);
    EXPECT_TRUE(containers_.stat(id, "/d/inner/precious").has_value());

    containers_.put_archive(id, "/d", file("inner", "x"), PutOptions{.no_overwrite = false});
    EXPECT_EQ(run(id, "cat /d/inner"), "x");
}

TEST_F(RealCopies, NeedADirectoryToGoTo) {
    const ContainerId id = started("touch /plain; sleep 60");
    ASSERT_TRUE(support::wait_until([&] { return containers_.stat(id, "/plain").has_value(); }));

    const auto into_nothing = [&] { containers_.put_archive(id, "/no/such", file("f", "x")); };
    if (can(engine_.facts(), Feature::missing_directory)) {
        const std::string text = error_text<NotFound>(into_nothing);
        EXPECT_THAT(text, StartsWith(in("BR0411", "/no/such", id, "there is no such directory")));
        EXPECT_THAT(text, EndsWith("\n  hint: the directory has to be there already; copy into one above it, with the "
                                   "rest of the way in the tar"));
    } else {
        into_nothing();
        EXPECT_EQ(run(id, "cat /no/such/f"), "x");
    }
    const std::string text = error_text<EngineRefused>([&] { containers_.put_archive(id, "/plain", file("f", "x")); });
    EXPECT_THAT(text, StartsWith(in("BR0412", "/plain", id, "it is a file, not a directory")));
    EXPECT_THROW(containers_.put_archive({std::string(64, 'f')}, "/", file("f", "x")), NotFound);
}

TEST_F(RealCopies, CannotGoWhereItIsReadOnly) {
    ContainerConfig config = shell("sleep 60");
    config.read_only_root = true;
    const ContainerId id = started(config);
    const auto put = [&] { containers_.put_archive(id, "/etc", file("f", "x")); };

    const std::string text = error_text<EngineRefused>(put);

    EXPECT_THAT(text, StartsWith(in("BR0413", "/etc", id, "it is read-only")));
    EXPECT_THAT(text, EndsWith("\n  hint: copy into a volume that is mounted there, or leave the root writable"));
}

TEST_F(RealCopies, HaveToBeThereToComeOut) {
    const ContainerId id = idle();
    const std::string text =
        error_text<NotFound>([&] { containers_.get_archive(id, "/no/such", [](std::string_view) {}); });

    EXPECT_THAT(text, StartsWith("error[BR0416]: cannot copy '/no/such' out of container '" + id.text.substr(0, 12) +
                                 "': there is nothing of that name\n  engine: "));
    EXPECT_THAT(text, EndsWith("\n  hint: look what is there: docker exec " + id.text.substr(0, 12) +
                               " ls -l; what is mounted as tmpfs, and /proc, /sys and /dev, cannot be copied"));
    try {
        containers_.get_archive({std::string(64, 'f')}, "/etc", [](std::string_view) {});
        ADD_FAILURE() << "no error";
    } catch (const NotFound& missing) {
        EXPECT_EQ(missing.code(), "BR0106");
    }
}

TEST_F(RealCopies, HaveToBeThereOnThisSideToo) {
    const ContainerId id = idle();
    archive::TarSource tar;
    EXPECT_THROW(tar.add_file("/no/such/file", "f"), Error);

    const support::TempDir folder;
    const auto extract = [&](const std::string& into) {
        containers_.read_archive(id, "/etc/hostname",
                                 [&](const ArchiveSource& pieces) { archive::extract(pieces, into); });
    };
    EXPECT_THROW(extract(folder.file("no/such/parent")), Error);
    EXPECT_NO_THROW(extract(folder.file("here")));
    EXPECT_EQ(containers_.remove(id), Removed::now);  // nothing holds the container's lock
}

TEST_F(RealCopies, AreNotNamedByControlCharacters) {
    const ContainerId id = idle();

    EXPECT_EQ(error_text<Error>([&] { containers_.put_archive(id, "/tmp\n", file("f", "x")); }),
              "error[BR0141]: a path in a container has a control character: '/tmp\\n'\n  hint: nothing was sent; look "
              "for a line end at the end of it");
}

}  // namespace
}  // namespace berth
