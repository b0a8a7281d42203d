//! Network filters and their bindings to ports.

use xdr::List;

use crate::{
    limits::*,
    types::{Names, NwFilter, NwFilterBinding, Uuid},
};

calls! { REMOTE, NwFilter;
    /// Number of filters.
    178 ConnectNumOfNwfilters {} -> i32 [connect.search_nwfilters] high filter("nwfilter", "getattr");
    /// Names of filters, at most maxnames.
    179 ConnectListNwfilters { maxnames: i32 } -> Names<NWFILTER_LIST_MAX> [connect.search_nwfilters] high
        filter("nwfilter", "getattr");
    /// All filters, or with need_results 0 only their number.
    286 ConnectListAllNwfilters {
        need_results: i32, flags: u32,
    } -> (List<NwFilter, NWFILTER_LIST_MAX>, u32) [connect.search_nwfilters] high
        filter("nwfilter", "getattr");
    /// The filter with this name.
    175 NwfilterLookupByName { name: String } -> NwFilter [nwfilter.getattr] high;
    /// The filter with this UUID.
    176 NwfilterLookupByUuid { uuid: Uuid } -> NwFilter [nwfilter.getattr] high;
    /// The description.
    177 NwfilterGetXmlDesc { nwfilter: NwFilter, flags: u32 } -> String [nwfilter.read] high;
    /// Defines a filter.
    180 NwfilterDefineXml { xml: String } -> NwFilter [nwfilter.write, nwfilter.save] high deny;
    /// The same, with `flags` for validation against the schema.
    431 NwfilterDefineXmlFlags { xml: String, flags: u32 } -> NwFilter [nwfilter.write, nwfilter.save] high
        deny;
    /// Forgets a filter.
    181 NwfilterUndefine { nwfilter: NwFilter } -> () [nwfilter.delete] high deny;
    /// All bindings, or with need_results 0 only their number.
    401 ConnectListAllNwfilterBindings {
        need_results: i32, flags: u32,
    } -> (List<NwFilterBinding, NWFILTER_BINDING_LIST_MAX>, u32) [connect.search_nwfilter_bindings] high
        filter("nwfilter_binding", "getattr");
    /// The binding of a network interface.
    397 NwfilterBindingLookupByPortDev { name: String } -> NwFilterBinding [nwfilter_binding.getattr] high;
    /// The description of a binding.
    398 NwfilterBindingGetXmlDesc { nwfilter: NwFilterBinding, flags: u32 } -> String
        [nwfilter_binding.read] high;
    /// Binds a filter to a network interface.
    399 NwfilterBindingCreateXml { xml: String, flags: u32 } -> NwFilterBinding [nwfilter_binding.create]
        high deny;
    /// Ends a binding.
    400 NwfilterBindingDelete { nwfilter: NwFilterBinding } -> () [nwfilter_binding.delete] high deny;
}
