#include "bundle/discover/value_path.h"

#include <gmock/gmock.h>

namespace tote::bundle::discover {
namespace {

TEST(ValuePaths, AreReadAsTheyAreWritten) {
  for (const ValuePath& path :
       {ValuePath{"image"}, ValuePath{"a", "b", "c"}, ValuePath{"sidecars", "0", "image"},
        ValuePath{"a", "b.c", "d"}, ValuePath{"a b", "c"}, ValuePath{"a", "0", "1", "[x]"},
        ValuePath{"0"}, ValuePath{"", "a"}, ValuePath{"a", "b-c_d/e"}})
    EXPECT_EQ(parse_path(path_text(path)), path) << path_text(path);
}

TEST(ValuePaths, ThatAreNoneAreRefused) {
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[0]b", "a\"b\"",
                           "\"a", "a.[0]", "a b", "a]"})
    EXPECT_FALSE(parse_path(text)) << text;
}

}  // namespace
}  // namespace tote::bundle::discover
