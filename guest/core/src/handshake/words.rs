//! The words of fingerprint phrases: one for each byte, told apart by their first
//! four letters. Part of the protocol; never changed.

/// In alphabetical order.
#[rustfmt::skip]
pub(super) const WORDS: [&str; 256] = [
    "acorn", "actor", "alarm", "album", "amber", "anchor", "apple", "apron", "arrow", "aspen", "atlas", "autumn",
    "bacon", "badge", "baker", "ballad", "bamboo", "banjo", "barrel", "basket", "beacon", "beaver", "bell", "berry",
    "bicycle", "birch", "bishop", "blanket", "bonfire", "book", "bottle", "bread", "bridge", "bronze", "brush",
    "bucket", "button", "cabin", "cactus", "camel", "candle", "canoe", "carpet", "castle", "cedar", "cellar",
    "chalk", "cherry", "chess", "chimney", "cider", "cinema", "circus", "cloud", "clover", "cobalt", "coffee",
    "comet", "copper", "coral", "cotton", "cricket", "crystal", "cushion", "dagger", "dairy", "dancer", "desert",
    "diamond", "dolphin", "domino", "donkey", "dragon", "drum", "dune", "eagle", "easel", "echo", "elbow", "elm",
    "ember", "emerald", "engine", "envoy", "fabric", "falcon", "farmer", "feather", "fennel", "ferry", "fiddle",
    "filter", "finger", "flag", "flower", "forest", "fossil", "fox", "galaxy", "garden", "garlic", "gate", "ginger",
    "giraffe", "glacier", "glove", "goblin", "golden", "granite", "guitar", "hammer", "harbour", "harvest", "hazel",
    "hedge", "helmet", "heron", "hickory", "honey", "horizon", "hotel", "hunter", "icicle", "igloo", "indigo",
    "insect", "iron", "island", "ivory", "jacket", "jaguar", "jasmine", "jelly", "jewel", "jigsaw", "jungle",
    "juniper", "kayak", "kennel", "kernel", "kettle", "kitten", "koala", "ladder", "lagoon", "lantern", "ledger",
    "lemon", "lettuce", "library", "lilac", "lion", "lizard", "lobster", "lotus", "magnet", "mango", "maple",
    "marble", "marsh", "meadow", "melon", "mercury", "mirror", "monkey", "mosaic", "museum", "napkin", "nectar",
    "needle", "nest", "nickel", "novel", "nutmeg", "oasis", "ocean", "olive", "onion", "opera", "orange", "orbit",
    "orchid", "otter", "oyster", "paddle", "palace", "panther", "parrot", "pebble", "pencil", "pepper", "piano",
    "pigeon", "pilot", "planet", "pocket", "pony", "puzzle", "quarry", "queen", "quilt", "rabbit", "radio", "raven",
    "ribbon", "river", "robin", "rocket", "ruby", "saddle", "salmon", "sandal", "satin", "sparrow", "spider",
    "sponge", "statue", "stone", "sugar", "sunset", "swan", "tango", "teapot", "temple", "thunder", "tiger",
    "timber", "toast", "tomato", "tractor", "tulip", "tunnel", "turtle", "unicorn", "valley", "vanilla", "velvet",
    "village", "violin", "volcano", "waffle", "wagon", "walnut", "water", "whale", "whistle", "willow", "window",
    "winter", "wizard", "yacht", "yellow", "yogurt", "zebra", "zenith", "zipper",
];
