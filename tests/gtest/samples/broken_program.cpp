// SPDX-License-Identifier: Apache-2.0
#include <berth/gtest.hpp>

#include <gtest/gtest.h>

BERTH_ENVIRONMENT(broken, "no-such.yaml");

namespace {

TEST(First, UsesIt) {
    ADD_FAILURE() << "the body of a test ran: " << broken->folder();
}

TEST(Second, UsesIt) {
    ADD_FAILURE() << "the body of a test ran: " << broken->folder();
}

}  // namespace
