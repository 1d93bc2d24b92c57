// SPDX-License-Identifier: Apache-2.0
// The environment written in C++ is the same value as the one from YAML, and comes up the same way.
#include "orders.hpp"
#include "shop_spec.hpp"

#include <berth/berth.hpp>
#include <berth/gtest.hpp>

#include <gtest/gtest.h>

namespace {

TEST(ShopSpec, IsEqualToItsYaml) {
    EXPECT_EQ(berth::read_spec(SHOP_SPEC), shop_spec());
}

class TwinShop : public berth::testing::SuiteEnvironment<TwinShop> {
  public:
    static berth::EnvironmentSpec spec() {
        berth::EnvironmentSpec spec = shop_spec();
        spec.base.directory = berth::read_spec(SHOP_SPEC).base.directory;  // where shop/schema.sql lies
        return spec;
    }
};

TEST_F(TwinShop, TakesOrders) {
    shop::Orders orders(environment().exports().at("DATABASE_URL"), environment().exports().at("REDIS_URL"));

    orders.place("anchor", 5);

    EXPECT_THROW(orders.place("anchor", 1), shop::SoldOut);
}

}  // namespace
