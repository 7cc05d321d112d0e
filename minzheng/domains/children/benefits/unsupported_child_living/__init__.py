"""事实无人抚养儿童基本生活费: both parents live, or one, but nobody supports the child."""
