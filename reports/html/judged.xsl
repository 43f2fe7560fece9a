<?xml version="1.0" encoding="UTF-8"?>
<!-- judged.xsl - the sixth section: every case of the packs, and every message. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:cpis:results:1" exclude-result-prefixes="r">

<xsl:template name="judged">
	<xsl:value-of select="$n"/>
	<section id="judged" aria-labelledby="judged-title">
		<xsl:call-template name="heading"><xsl:with-param name="id">judged</xsl:with-param></xsl:call-template>
		<xsl:for-each select="r:pack">
			<xsl:value-of select="$n"/>
			<h3><xsl:value-of select="@title"/></h3>
			<table class="stack">
				<caption><xsl:value-of select="concat('Cases of the pack ', @name, ' ', @version)"/></caption>
				<thead>
					<tr>
						<th scope="col">Case</th>
						<th scope="col">Expected and found</th>
						<th scope="col">Outcome</th>
					</tr>
				</thead>
				<tbody><xsl:apply-templates select="$cases[@pack = current()/@name]"/></tbody>
			</table>
			<xsl:call-template name="more">
				<xsl:with-param name="count" select="@cases - count($cases[@pack = current()/@name])"/>
				<xsl:with-param name="noun">case</xsl:with-param>
			</xsl:call-template>
		</xsl:for-each>
		<xsl:if test="$of-packs">
			<xsl:value-of select="$n"/>
			<h3>Messages</h3>
		</xsl:if>
		<xsl:choose>
			<xsl:when test="r:message"><p>All messages that were checked, in order of input, with how each was wrapped and what was found in it.</p></xsl:when>
			<xsl:otherwise><p>No messages were checked.</p></xsl:otherwise>
		</xsl:choose>
		<xsl:apply-templates select="$messages"/>
		<xsl:call-template name="more">
			<xsl:with-param name="count" select="count(r:message) - count($messages)"/>
			<xsl:with-param name="noun">message</xsl:with-param>
		</xsl:call-template>
	</section>
</xsl:template>

<xsl:template match="r:case">
	<xsl:value-of select="$n"/>
	<tr id="c-{@n}" data-outcome="{@outcome}">
		<th scope="row" data-label="Case">
			<code><xsl:value-of select="@id"/></code>
			<span class="requirement-text"><xsl:value-of select="@title"/></span>
			<xsl:if test="r:shows">
				<span class="muted small">
					<xsl:text>Shows </xsl:text>
					<xsl:for-each select="r:shows">
						<xsl:if test="position() > 1">, </xsl:if>
						<xsl:value-of select="."/>
					</xsl:for-each>
				</span>
			</xsl:if>
			<xsl:for-each select="r:judged">
				<xsl:variable name="message" select="key('message', @message)"/>
				<xsl:if test="$message">
					<span class="small"><xsl:apply-templates select="$message" mode="name"/></span>
				</xsl:if>
			</xsl:for-each>
		</th>
		<td>
			<xsl:if test="r:expected or r:actual or r:reason">
				<dl class="compare">
					<xsl:choose>
						<xsl:when test="r:expected = r:actual">
							<xsl:call-template name="fact"><xsl:with-param name="name">As expected</xsl:with-param><xsl:with-param name="value" select="r:actual"/></xsl:call-template>
						</xsl:when>
						<xsl:otherwise>
							<xsl:call-template name="fact"><xsl:with-param name="name">Expected</xsl:with-param><xsl:with-param name="value" select="r:expected"/></xsl:call-template>
							<xsl:call-template name="fact"><xsl:with-param name="name">Found</xsl:with-param><xsl:with-param name="value" select="r:actual"/></xsl:call-template>
						</xsl:otherwise>
					</xsl:choose>
					<xsl:call-template name="fact"><xsl:with-param name="name">Because</xsl:with-param><xsl:with-param name="value" select="r:reason"/></xsl:call-template>
				</dl>
			</xsl:if>
		</td>
		<td data-label="Outcome"><xsl:call-template name="tag"><xsl:with-param name="status" select="@outcome"/></xsl:call-template></td>
	</tr>
</xsl:template>

<xsl:template match="r:message">
	<xsl:value-of select="$n"/>
	<article id="m-{@n}" class="message message-{@verdict}" data-message="{@n}" aria-labelledby="s-{@n}">
		<xsl:element name="{concat('h', 3 + $of-packs)}">
			<xsl:attribute name="id"><xsl:value-of select="concat('s-', @n)"/></xsl:attribute>
			<xsl:attribute name="class">source</xsl:attribute>
			<xsl:value-of select="@source"/>
		</xsl:element>
		<p class="message-line">
			<xsl:call-template name="tag"><xsl:with-param name="status" select="@verdict"/></xsl:call-template>
			<xsl:text> </xsl:text>
			<xsl:choose>
				<xsl:when test="@title"><xsl:value-of select="@title"/></xsl:when>
				<xsl:when test="@type"><xsl:value-of select="@type"/></xsl:when>
				<xsl:otherwise>Not recognised as a CP-IS message</xsl:otherwise>
			</xsl:choose>
		</p>
		<dl class="facts facts-small">
			<xsl:call-template name="fact"><xsl:with-param name="name">Type</xsl:with-param><xsl:with-param name="value" select="@type"/><xsl:with-param name="class">data</xsl:with-param></xsl:call-template>
			<xsl:call-template name="fact"><xsl:with-param name="name">Recognised by</xsl:with-param><xsl:with-param name="value" select="@recognised-by"/></xsl:call-template>
			<xsl:call-template name="fact">
				<xsl:with-param name="name">Wrapped in</xsl:with-param>
				<xsl:with-param name="value">
					<xsl:for-each select="r:layer">
						<xsl:if test="position() > 1">, then </xsl:if>
						<xsl:value-of select="translate(., 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"/>
					</xsl:for-each>
				</xsl:with-param>
			</xsl:call-template>
			<xsl:call-template name="fact">
				<xsl:with-param name="name">Size</xsl:with-param>
				<xsl:with-param name="value">
					<xsl:call-template name="plural"><xsl:with-param name="count" select="@bytes"/><xsl:with-param name="noun">byte</xsl:with-param></xsl:call-template>
					<xsl:if test="@records > 0">
						<xsl:text>, </xsl:text>
						<xsl:call-template name="plural"><xsl:with-param name="count" select="@records"/><xsl:with-param name="noun">record</xsl:with-param></xsl:call-template>
					</xsl:if>
				</xsl:with-param>
			</xsl:call-template>
			<xsl:call-template name="fact"><xsl:with-param name="name">SHA-256</xsl:with-param><xsl:with-param name="value" select="@sha256"/><xsl:with-param name="class">data</xsl:with-param></xsl:call-template>
		</dl>
		<xsl:if test="r:omission">
			<xsl:for-each select="r:omission">
				<p class="omission">
					<xsl:call-template name="tag"><xsl:with-param name="status" select="'incomplete'"/></xsl:call-template>
					<xsl:value-of select="concat(' Not checked: ', r:what, ', because ', r:why, '.')"/>
				</p>
			</xsl:for-each>
		</xsl:if>
		<xsl:if test="r:finding">
			<ul class="links">
				<xsl:for-each select="r:finding[position() &lt;= $most-links]">
					<xsl:value-of select="$n"/>
					<li>
						<xsl:call-template name="tag"><xsl:with-param name="status" select="@severity"/></xsl:call-template>
						<xsl:text> </xsl:text>
						<xsl:variable name="id"><xsl:call-template name="finding-id"/></xsl:variable>
						<a href="#{$id}">
							<!-- Not every place of a rule may be listed. -->
							<xsl:if test="$all-findings != 'yes'">
								<xsl:attribute name="href"><xsl:value-of select="concat('#r-', @rule)"/></xsl:attribute>
							</xsl:if>
							<xsl:value-of select="concat(@rule, ' ', key('rule', @rule)/r:title)"/>
						</a>
						<xsl:text>, </xsl:text>
						<xsl:call-template name="place"/>
						<xsl:if test="r:waived"> (waived)</xsl:if>
					</li>
				</xsl:for-each>
			</ul>
			<xsl:call-template name="more">
				<xsl:with-param name="count" select="count(r:finding) - $most-links"/>
				<xsl:with-param name="noun">finding</xsl:with-param>
			</xsl:call-template>
		</xsl:if>
		<xsl:if test="@suppressed > 0">
			<p class="muted">
				<xsl:call-template name="plural"><xsl:with-param name="count" select="@suppressed"/><xsl:with-param name="noun">more finding</xsl:with-param></xsl:call-template>
				<xsl:text> not listed: caused by those above, or over the limit.</xsl:text>
			</p>
		</xsl:if>
	</article>
</xsl:template>

</xsl:stylesheet>
