<?xml version="1.0" encoding="UTF-8"?>
<!-- findings.xsl - the fifth section: every rule with findings, and where each finding is. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:cpis:results:1" exclude-result-prefixes="r">

<xsl:template name="findings">
	<xsl:value-of select="$n"/>
	<section id="findings" aria-labelledby="findings-title">
		<xsl:call-template name="heading"><xsl:with-param name="id">findings</xsl:with-param></xsl:call-template>
		<xsl:variable name="rules" select="r:rule[key('findings', @id) or key('unlisted', @id)]"/>
		<xsl:choose>
			<xsl:when test="$rules">
				<p>
					<xsl:call-template name="plural">
						<xsl:with-param name="count" select="$found"/>
						<xsl:with-param name="noun">finding</xsl:with-param>
					</xsl:call-template>
					<xsl:text> from </xsl:text>
					<xsl:call-template name="plural">
						<xsl:with-param name="count" select="count($rules)"/>
						<xsl:with-param name="noun">rule</xsl:with-param>
					</xsl:call-template>
					<xsl:text>, errors first.</xsl:text>
					<xsl:variable name="expected" select="sum($summary/r:count[@of = 'expected-findings']/@number)"/>
					<xsl:if test="$expected &gt; 0">
						<xsl:value-of select="concat(' Those in cases that passed (', format-number($expected, '#,##0'), ') were expected: they are marked as expected and come last.')"/>
					</xsl:if>
				</p>
				<xsl:apply-templates select="$rules" mode="findings">
					<xsl:sort select="boolean(key('findings', @id)[not(../@outcome = 'passed')]) * 1" data-type="number" order="descending"/>
					<xsl:sort select="(@severity = 'error') * 2 + (@severity = 'warning')" data-type="number" order="descending"/>
				</xsl:apply-templates>
			</xsl:when>
			<xsl:otherwise><p>There are no findings.</p></xsl:otherwise>
		</xsl:choose>
	</section>
</xsl:template>

<!-- Listed or not, waived or not. -->
<xsl:variable name="found" select="sum($summary/r:count[@of = 'findings']/@number) + $summary/@waived-findings"/>

<!-- Controls for the script; they are hidden if scripts are turned off. -->
<xsl:template name="search">
	<xsl:value-of select="$n"/>
	<div id="filters" class="filters" role="search" hidden="hidden" aria-label="Search this report" data-found="{$found}" data-messages="{$summary/@messages}" data-cases="{$summary/@cases}">
		<div class="field field-wide">
			<label for="filter-text">Search findings, cases, messages, rules and requirements</label>
			<input id="filter-text" type="search" autocomplete="off" spellcheck="false"/>
		</div>
		<div class="field">
			<label for="filter-severity">Severity of findings</label>
			<select id="filter-severity">
				<option value="">All</option>
				<xsl:for-each select="$summary/r:count[@of = 'findings'][@number &gt; 0]">
					<option value="{@is}">
						<xsl:choose><xsl:when test="@is = 'error'">Errors</xsl:when><xsl:when test="@is = 'warning'">Warnings</xsl:when><xsl:otherwise>Notes</xsl:otherwise></xsl:choose>
						<xsl:value-of select="concat(' (', format-number(@number, '#,##0'), ')')"/>
					</option>
				</xsl:for-each>
			</select>
		</div>
		<div class="field">
			<label for="filter-rule">Rule</label>
			<select id="filter-rule">
				<option value="">All</option>
				<xsl:for-each select="r:rule[key('findings', @id)]">
					<xsl:variable name="total"><xsl:call-template name="total"/></xsl:variable>
					<option value="{@id}"><xsl:value-of select="concat(@id, ' ', r:title, ' (', format-number($total, '#,##0'), ')')"/></option>
				</xsl:for-each>
			</select>
		</div>
		<div class="field">
			<label for="filter-outcome">
				<xsl:choose><xsl:when test="$of-packs">Outcome of the case</xsl:when><xsl:otherwise>Verdict of the message</xsl:otherwise></xsl:choose>
			</label>
			<select id="filter-outcome">
				<option value="">All</option>
				<xsl:for-each select="$summary/r:count[@number > 0][@of = 'cases' and $of-packs or @of = 'messages' and not($of-packs)]">
					<option value="{@is}"><xsl:value-of select="concat(@is, ' (', format-number(@number, '#,##0'), ')')"/></option>
				</xsl:for-each>
			</select>
		</div>
		<div class="buttons">
			<button id="filter-clear" type="button" class="plain">Show all</button>
			<button id="copy" type="button">Copy findings as Markdown</button>
		</div>
		<p id="filter-status" class="filter-status" role="status"></p>
	</div>
</xsl:template>

<xsl:template match="r:rule" mode="findings">
	<xsl:variable name="all" select="key('findings', @id)"/>
	<xsl:variable name="total"><xsl:call-template name="total"/></xsl:variable>
	<xsl:value-of select="$n"/>
	<article id="r-{@id}" class="rule rule-{@severity}" data-rule="{@id}" data-severity="{@severity}" aria-labelledby="t-{@id}">
		<p class="rule-line">
			<xsl:call-template name="tag"><xsl:with-param name="status" select="@severity"/></xsl:call-template>
			<xsl:text> </xsl:text>
			<a class="rule-id" href="#r-{@id}"><xsl:value-of select="@id"/></a>
			<xsl:text> </xsl:text>
			<span class="muted"><xsl:value-of select="@name"/></span>
		</p>
		<h3 id="t-{@id}"><xsl:value-of select="r:title"/></h3>
		<xsl:if test="$all[@severity != current()/@severity]">
			<p>
				<xsl:text>The profile or environment of this run changes its severity to </xsl:text>
				<xsl:call-template name="tag">
					<xsl:with-param name="status" select="$all[@severity != current()/@severity][1]/@severity"/>
				</xsl:call-template>
				<xsl:if test="r:override/@to != 'off' and string(r:override)"><xsl:value-of select="concat(': ', r:override)"/></xsl:if>
			</p>
		</xsl:if>
		<xsl:value-of select="$n"/>
		<dl class="advice">
			<xsl:call-template name="fact"><xsl:with-param name="name">Why it matters</xsl:with-param><xsl:with-param name="value" select="r:why"/></xsl:call-template>
			<xsl:call-template name="fact"><xsl:with-param name="name">How to fix it</xsl:with-param><xsl:with-param name="value" select="r:fix"/><xsl:with-param name="class">fix</xsl:with-param></xsl:call-template>
			<xsl:call-template name="fact"><xsl:with-param name="name">Source</xsl:with-param><xsl:with-param name="value" select="concat(r:cite, ' (', @basis, ')')"/></xsl:call-template>
		</dl>
		<details open="open">
			<summary>
				<xsl:choose>
					<xsl:when test="$total = 1">Found once</xsl:when>
					<xsl:otherwise><xsl:value-of select="concat('Found ', format-number($total, '#,##0'), ' times')"/></xsl:otherwise>
				</xsl:choose>
				<xsl:if test="@judged > 0">
					<xsl:choose>
						<xsl:when test="@judged = 1">, checked once</xsl:when>
						<xsl:otherwise><xsl:value-of select="concat(', checked ', format-number(@judged, '#,##0'), ' times')"/></xsl:otherwise>
					</xsl:choose>
				</xsl:if>
			</summary>
			<ol class="occurrences">
				<xsl:apply-templates select="$all[position() &lt;= $most-full]"/>
				<xsl:apply-templates select="$all[position() &gt; $most-full]" mode="brief"/>
			</ol>
			<xsl:call-template name="more">
				<xsl:with-param name="count" select="$total - count($all)"/>
				<xsl:with-param name="noun">place</xsl:with-param>
			</xsl:call-template>
		</details>
	</article>
</xsl:template>

<xsl:template match="r:finding">
	<xsl:variable name="id"><xsl:call-template name="finding-id"/></xsl:variable>
	<xsl:variable name="case" select="key('case', concat(../@pack, ' ', ../@case))[1]"/>
	<xsl:variable name="rule" select="key('rule', @rule)"/>
	<xsl:value-of select="$n"/>
	<li id="{$id}" class="occurrence">
		<xsl:call-template name="finding-data"/>
		<p class="said">
			<span class="sentence">
				<xsl:value-of select="r:message"/>
				<xsl:if test="not(r:message)"><xsl:value-of select="$rule/r:title"/></xsl:if>
			</span>
			<xsl:if test="@severity != $rule/@severity">
				<xsl:text> </xsl:text>
				<xsl:call-template name="tag"><xsl:with-param name="status" select="@severity"/></xsl:call-template>
			</xsl:if>
			<xsl:if test="r:waived">
				<xsl:text> </xsl:text>
				<xsl:call-template name="tag"><xsl:with-param name="status"><xsl:call-template name="accepted"/></xsl:with-param></xsl:call-template>
			</xsl:if>
			<xsl:if test="../@outcome = 'passed'">
				<xsl:text> </xsl:text>
				<xsl:call-template name="tag"><xsl:with-param name="status" select="'expected'"/></xsl:call-template>
			</xsl:if>
		</p>
		<p class="where">
			<span class="place">
				<xsl:apply-templates select=".." mode="name"/>
				<xsl:text>, </xsl:text>
				<xsl:call-template name="place"/>
				<xsl:if test="@layer">
					<xsl:value-of select="concat(', inside ', @layer)"/>
					<xsl:if test="@inner-line">
						<xsl:value-of select="concat(' at line ', @inner-line, ', column ', @inner-column)"/>
					</xsl:if>
				</xsl:if>
			</span>
			<xsl:if test="$case">
				<xsl:text>, case </xsl:text>
				<xsl:apply-templates select="$case" mode="name"/>
			</xsl:if>
			<xsl:text> </xsl:text>
			<a class="anchor" href="#{$id}">
				<span aria-hidden="true">#</span>
				<span class="unseen">
					<xsl:value-of select="concat('Link to this finding of ', @rule, ' in ', ../@source)"/>
				</span>
			</a>
		</p>
		<xsl:if test="r:path"><p class="path"><code><xsl:value-of select="r:path"/></code></p></xsl:if>
		<xsl:apply-templates select="r:excerpt"/>
		<xsl:if test="r:expected or r:actual or r:waived or (r:fix and r:fix != $rule/r:fix)">
			<dl class="compare">
				<xsl:call-template name="fact"><xsl:with-param name="name">Expected</xsl:with-param><xsl:with-param name="value" select="r:expected"/></xsl:call-template>
				<xsl:call-template name="fact"><xsl:with-param name="name">Found</xsl:with-param><xsl:with-param name="value" select="r:actual"/></xsl:call-template>
				<xsl:if test="r:fix != $rule/r:fix">
					<xsl:call-template name="fact"><xsl:with-param name="name">Fix</xsl:with-param><xsl:with-param name="value" select="r:fix"/><xsl:with-param name="class">fix</xsl:with-param></xsl:call-template>
				</xsl:if>
				<xsl:call-template name="fact"><xsl:with-param name="name"><xsl:choose><xsl:when test="@by-baseline">Accepted</xsl:when><xsl:otherwise>Waived</xsl:otherwise></xsl:choose></xsl:with-param><xsl:with-param name="value" select="r:waived"/></xsl:call-template>
			</dl>
		</xsl:if>
	</li>
</xsl:template>

<!-- A finding on a line: after the first of its rule. -->
<xsl:template match="r:finding" mode="brief">
	<xsl:variable name="id"><xsl:call-template name="finding-id"/></xsl:variable>
	<xsl:value-of select="$n"/>
	<li id="{$id}" class="occurrence brief">
		<xsl:call-template name="finding-data"/>
		<xsl:value-of select="r:message"/>
		<xsl:if test="not(r:message)"><xsl:value-of select="key('rule', @rule)/r:title"/></xsl:if>
		<xsl:if test="r:waived"> (<xsl:call-template name="accepted"/>)</xsl:if>
		<xsl:if test="../@outcome = 'passed'"> (expected)</xsl:if>
		<xsl:text> </xsl:text>
		<span class="place">
			<xsl:apply-templates select=".." mode="name"/>
			<xsl:if test="@line"><xsl:value-of select="concat(':', @line, ':', @column)"/></xsl:if>
		</span>
	</li>
</xsl:template>

<!-- The word for a finding that is accepted: only a waiver waives. -->
<xsl:template name="accepted">
	<xsl:choose>
		<xsl:when test="@by-baseline">accepted</xsl:when>
		<xsl:otherwise>waived</xsl:otherwise>
	</xsl:choose>
</xsl:template>

<!-- What the filters go by; the severity is that of the rule unless it says another. -->
<xsl:template name="finding-data">
	<xsl:attribute name="data-outcome">
		<xsl:choose>
			<xsl:when test="$of-packs"><xsl:value-of select="../@outcome"/></xsl:when>
			<xsl:otherwise><xsl:value-of select="../@verdict"/></xsl:otherwise>
		</xsl:choose>
	</xsl:attribute>
	<xsl:if test="@severity != key('rule', @rule)/@severity">
		<xsl:attribute name="data-severity"><xsl:value-of select="@severity"/></xsl:attribute>
	</xsl:if>
</xsl:template>

</xsl:stylesheet>
