"""孤儿基本生活费: orphans, in an institution or outside."""
